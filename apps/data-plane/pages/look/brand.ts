import type { ProjectRecord } from '@portico/database/project-directory'
import { coloursOf } from '@portico/kernel/brand-colours'
import { brandLook } from '@portico/kernel/settings/brand-look'
import { appName, readBrandImageName } from '@portico/kernel/settings/branding'
import type { MessageKey } from '../words/words.js'
import type { BrandStyle } from './style.js'

/** How a project's pages look. */
export interface Brand {
  name: string
  style: BrandStyle
  links: readonly (readonly [MessageKey, string])[]
  poweredBy: boolean
  logo: BrandPicture | null
  icon: BrandPicture | null
}

/** An uploaded picture: its name below `branding/`, and how large it is. */
export interface BrandPicture {
  name: string
  width: number
  height: number
}

// The grounds of style.ts that links and focus rings stand on.
const LIGHT_GROUNDS = ['#ffffff', '#f5f6f8']
const DARK_GROUNDS = ['#16191f', '#0d0f13']

const made = new WeakMap<ProjectRecord, Brand>()

/** A changed project is a new record, so a brand lives exactly as long as the record that it was made from. */
export function brandOf(project: ProjectRecord): Brand {
  let brand = made.get(project)
  if (!brand) made.set(project, (brand = brandFor(project)))
  return brand
}

function brandFor(project: ProjectRecord): Brand {
  const { branding } = project.settings
  const links: [MessageKey, string | undefined][] = [
    ['frame.terms', branding.terms_url],
    ['frame.privacy', branding.privacy_url],
    ['frame.support', branding.support_url],
  ]
  const { light, dark, radius, font } = brandLook(branding)
  return {
    name: appName(project),
    links: links.filter((link): link is [MessageKey, string] => link[1] !== undefined),
    poweredBy: branding.powered_by ?? true,
    logo: pictureOf(branding.logo),
    icon: pictureOf(branding.icon),
    style: {
      light: coloursOf(light, LIGHT_GROUNDS),
      dark: coloursOf(dark, DARK_GROUNDS),
      radius: `${radius}px`,
      font,
    },
  }
}

function pictureOf(name: string | undefined): BrandPicture | null {
  const size = name === undefined ? null : readBrandImageName(name)
  return name === undefined || size === null ? null : { name, ...size }
}
