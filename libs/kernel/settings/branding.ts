import { readColour } from '../brand-colours.js'
import { readHttpUrl } from '../http-url.js'
import type { Kind } from './kinds.js'

/** Fonts that every system has: a page of ours asks nobody for a file. */
export const BRAND_FONTS = ['system', 'humanist', 'geometric', 'serif', 'slab', 'mono'] as const
export type BrandFont = (typeof BRAND_FONTS)[number]

/** How pages and mails of a project look; what is left out is ours. */
export interface Branding {
  /** What people know the app as, where that is not the project's name. */
  name?: string
  colour?: string
  colour_dark?: string
  /** Pixels. */
  radius?: number
  font?: BrandFont
  terms_url?: string
  privacy_url?: string
  support_url?: string
  powered_by?: boolean
  /** Names of uploaded pictures, below `{AUTH_URL}/branding/`. */
  logo?: BrandImageName
  icon?: BrandImageName
}

/** What people know the app as: on pages, in mails, in their authenticator app and beside their passkey. */
export const appName = ({ name, settings }: { name: string; settings: { branding: Branding } }): string => settings.branding.name ?? name

/** `<digest>-<width>x<height>.png`: what it holds, so that it may be cached for ever, and how large it is drawn. */
export type BrandImageName = string

const IMAGE_NAME = /^[0-9a-f]{32}-(\d{1,4})x(\d{1,4})\.(?:png|jpg)$/

export function brandImageName(of: { digest: string; width: number; height: number; type: 'image/png' | 'image/jpeg' }): BrandImageName {
  return `${of.digest}-${of.width}x${of.height}.${of.type === 'image/png' ? 'png' : 'jpg'}`
}

/** `null`: nothing that we would have named so. */
export function readBrandImageName(name: string): { width: number; height: number } | null {
  const [, width, height] = IMAGE_NAME.exec(name) ?? []
  return width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) }
}

/** Where a page or a mail finds it. */
export const brandImageUrl = (authUrl: string, name: BrandImageName): string => `${authUrl}/branding/${name}`

const MOST_RADIUS = 24
const NAME_LENGTH = 60
// A control character or a direction mark in a name would let it pass for something else.
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]+$/u

const image = (value: unknown) => (typeof value === 'string' && readBrandImageName(value) ? value : null)
// A URL parser drops line breaks: what is saved must be what it reads.
const url = (value: unknown) => (typeof value === 'string' && /^[^\s\p{C}]{1,500}$/u.test(value) && readHttpUrl(value) ? value : null)

const READERS: { [N in keyof Required<Branding>]: (value: unknown) => Branding[N] | null } = {
  name: (value) => (typeof value === 'string' && value.length <= NAME_LENGTH && NAME.test(value) && value.trim() !== '' ? value.trim() : null),
  colour: readColour,
  colour_dark: readColour,
  radius: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_RADIUS ? value : null),
  font: (value) => BRAND_FONTS.find((font) => font === value) ?? null,
  terms_url: url,
  privacy_url: url,
  support_url: (value) => (typeof value === 'string' && /^mailto:[\w.+-]{1,64}@[\w.-]{1,190}$/.test(value) ? value : url(value)),
  powered_by: (value) => (typeof value === 'boolean' ? value : null),
  logo: image,
  icon: image,
}

const PROBLEMS: { [N in keyof Required<Branding>]: string } = {
  name: `a text of 1 to ${NAME_LENGTH} characters`,
  colour: 'a colour such as #2f4fd8',
  colour_dark: 'a colour such as #4f6ef0',
  radius: `a whole number of pixels from 0 to ${MOST_RADIUS}`,
  font: `one of ${BRAND_FONTS.join(', ')}`,
  terms_url: 'an https URL',
  privacy_url: 'an https URL',
  support_url: 'an https URL or mailto: address',
  powered_by: 'true or false',
  logo: 'the name of an uploaded picture',
  icon: 'the name of an uploaded picture',
}

const isField = (name: string): name is keyof Branding => Object.hasOwn(READERS, name)

export const branding: Kind<Branding> = {
  check: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'must be an object' }
    const read: Record<string, unknown> = {}
    for (const [name, given] of Object.entries(value)) {
      if (!isField(name)) return { problem: `knows no ${name.slice(0, 40)}` }
      // As everywhere: null is what is not set.
      if (given === null) continue
      const taken = READERS[name](given)
      if (taken === null) return { problem: `${name} must be ${PROBLEMS[name]}` }
      read[name] = taken
    }
    return { value: read as Branding }
  },
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: NAME_LENGTH },
      colour: { type: 'string', pattern: '^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$' },
      colour_dark: { type: 'string', pattern: '^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$' },
      radius: { type: 'integer', minimum: 0, maximum: MOST_RADIUS },
      font: { type: 'string', enum: [...BRAND_FONTS] },
      terms_url: { type: 'string', format: 'uri' },
      privacy_url: { type: 'string', format: 'uri' },
      support_url: { type: 'string', format: 'uri' },
      powered_by: { type: 'boolean' },
      logo: { type: 'string', pattern: IMAGE_NAME.source },
      icon: { type: 'string', pattern: IMAGE_NAME.source },
    },
    additionalProperties: false,
  },
  option: null,
}
