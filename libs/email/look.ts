import { coloursOf, type BrandColours } from '@portico/kernel/brand-colours'
import type { Locale } from '@portico/kernel/locales'
import { brandLook } from '@portico/kernel/settings/brand-look'
import type { MailBrand, MailPicture } from '@portico/kernel/settings/mail-brand'
import { escapeHtml, safeUrl } from './markup.js'
import { printableName } from './printable-name.js'
import type { MailMessage } from './words.js'

/** What a mail is drawn with: each value was read and checked where it was set, or is computed from one that was. */
export interface MailLook {
  light: BrandColours
  dark: BrandColours
  /** Pixels. */
  radius: number
  font: string
}

/** What links of a mail stand on. */
export const [LIGHT_CARD, DARK_CARD] = ['#ffffff', '#1b1f24'] as const

export function lookOf({ colour, colourDark, radius: corners, font: letters }: MailBrand): MailLook {
  const { light, dark, radius, font } = brandLook({
    ...(colour !== undefined && { colour }),
    ...(colourDark !== undefined && { colour_dark: colourDark }),
    ...(corners !== undefined && { radius: corners }),
    ...(letters !== undefined && { font: letters }),
  })
  // The list of fonts stands in an attribute.
  return { light: coloursOf(light, [LIGHT_CARD]), dark: coloursOf(dark, [DARK_CARD]), radius, font: font.replaceAll('"', "'") }
}

const LOGO = { width: 176, height: 36 }
const ICON = { width: 32, height: 32 }

/** The head of a mail: a logo speaks for the name, an icon stands before it. Without either there is none: the heading names the app. */
export function markOf({ name, logo, icon }: MailBrand, locale: Locale): string {
  const printable = escapeHtml(printableName(name, locale))
  if (logo) return `<p style="margin:0 0 24px">${image(logo, LOGO, printable)}</p>\n`
  return icon ? `<p style="margin:0 0 24px;font-weight:600">${image(icon, ICON, '')}&#160; ${printable}</p>\n` : ''
}

/** Some mail programs know no `max-width` and draw what the attributes say: they are the size that it is shown in. */
function image({ url, width, height }: MailPicture, most: typeof LOGO, alt: string): string {
  const scale = Math.min(1, most.width / width, most.height / height)
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * scale)))
  const style = `border:0;vertical-align:middle;width:${w}px;height:${h}px`
  return `<img src="${escapeHtml(safeUrl(url))}" alt="${alt}" width="${w}" height="${h}" style="${style}">`
}

/** What stands below every mail besides the name, as on every page. */
export function footLinksOf({ termsUrl, privacyUrl, supportUrl }: MailBrand): [words: MailMessage, url: string][] {
  const links: [MailMessage, string | undefined][] = [
    ['foot.terms', termsUrl],
    ['foot.privacy', privacyUrl],
    ['foot.support', supportUrl],
  ]
  return links.flatMap(([words, url]) => (url === undefined ? [] : [[words, url.startsWith('mailto:') ? url : safeUrl(url)]]))
}
