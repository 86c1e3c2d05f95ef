import type { ProjectRecord } from '@portico/database/project-directory'
import { readableOn, textOn } from '@portico/kernel/brand-colours'
import { readBrandImageName, type BrandFont } from '@portico/kernel/settings/branding'
import type { MessageKey } from '../words/words.js'
import type { BrandColours, BrandStyle } from './style.js'

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

const FONTS: Readonly<Record<BrandFont, string>> = {
  system: 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif',
  humanist: 'Seravek,"Gill Sans Nova",Ubuntu,Calibri,"DejaVu Sans",source-sans-pro,sans-serif',
  geometric: 'Avenir,Montserrat,Corbel,"URW Gothic",source-sans-pro,sans-serif',
  serif: 'Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif',
  slab: 'Rockwell,"Rockwell Nova","Roboto Slab","DejaVu Serif",serif',
  mono: 'ui-monospace,"Cascadia Code","Source Code Pro",Menlo,Consolas,monospace',
}

// The grounds of style.ts that links and focus rings stand on.
const LIGHT_GROUNDS = ['#ffffff', '#f5f6f8']
const DARK_GROUNDS = ['#16191f', '#0d0f13']
const [LIGHT_BRAND, DARK_BRAND] = ['#2f4fd8', '#4461e6']
const RADIUS = 8

const made = new WeakMap<ProjectRecord, Brand>()

/** A changed project is a new record, so a brand lives exactly as long as the record that it was made from. */
export function brandOf(project: ProjectRecord): Brand {
  let brand = made.get(project)
  if (!brand) made.set(project, (brand = brandFor(project)))
  return brand
}

function brandFor({ name, settings: { branding } }: ProjectRecord): Brand {
  const links: [MessageKey, string | undefined][] = [
    ['frame.terms', branding.terms_url],
    ['frame.privacy', branding.privacy_url],
    ['frame.support', branding.support_url],
  ]
  const dark = branding.colour_dark ?? branding.colour ?? DARK_BRAND
  return {
    name: branding.name ?? name,
    links: links.filter((link): link is [MessageKey, string] => link[1] !== undefined),
    poweredBy: branding.powered_by ?? true,
    logo: pictureOf(branding.logo),
    icon: pictureOf(branding.icon),
    style: {
      light: coloursOf(branding.colour ?? LIGHT_BRAND, LIGHT_GROUNDS),
      dark: coloursOf(dark, DARK_GROUNDS),
      radius: `${branding.radius ?? RADIUS}px`,
      font: FONTS[branding.font ?? 'system'],
    },
  }
}

function pictureOf(name: string | undefined): BrandPicture | null {
  const size = name === undefined ? null : readBrandImageName(name)
  return name === undefined || size === null ? null : { name, ...size }
}

/** Whatever the colour is, text on it and text in it can be read (WCAG 2.2, 1.4.3). */
export function coloursOf(brand: string, grounds: readonly string[]): BrandColours {
  return { brand, onBrand: textOn(brand), accent: readableOn(brand, grounds) }
}
