import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'
import { LOCALES } from '@portico/kernel/locales'
import { CATALOGUES } from '../words/catalogues.js'
import type { Words } from '../words/words.js'
import type { Brand, BrandPicture } from './brand.js'
import { hidden } from './controls.js'
import { PAGE_SCRIPT } from './page-script.js'
import { inScheme, styleSheet } from './style.js'

/** What is around every page: whose it is, in which language, and where its other languages are. */
export interface Frame {
  brand: Brand
  words: Words
  /** Path of the project's pages. */
  base: string
  /** Fields of the page's own address, which choosing a language keeps; `null`: the page cannot be asked for again. */
  again: readonly (readonly [string, string])[] | null
}

export interface Content {
  title: string
  lead?: SafeHtml | string | null
  body: SafeHtml
  status?: number
  wide?: boolean
  /** A sign above the title that says how it went. */
  face?: SafeHtml
  /** Where forms of the page lead in the end. */
  formTargets?: readonly string[]
  formsLeadAnywhere?: boolean
  outsideScript?: HtmlPage['outsideScript']
  /** The one page elsewhere that may show it in a frame; without it none may. */
  shownIn?: string
  /** What the reader is taken to prefer, instead of being asked. */
  scheme?: 'light' | 'dark'
}

/** One of our pages: the card, and below it what is the same everywhere. */
export function framed({ brand, words, again, base }: Frame, content: Content): HtmlPage {
  const body = html`<main${content.wide ? html` class="wide"` : null}>
<div class="brand">${brandMark(brand, base)}</div>
${content.face}
<h1>${content.title}</h1>
${content.lead === undefined || content.lead === null ? null : html`<div class="lead">${content.lead}</div>`}
${content.body}
</main>
<footer class="under">${again === null ? null : languages(words, again)}
${brand.links.map(([key, url]) => html`<a href="${url}" rel="noreferrer">${words.say(key)}</a>`)}
${brand.poweredBy ? html`<span>${words.say('frame.powered_by')}</span>` : null}</footer>`
  const sheet = styleSheet(brand.style, body.text)
  return {
    title: `${content.title} · ${brand.name}`,
    lang: words.locale,
    dir: words.dir,
    status: content.status ?? 200,
    onlyStyle: content.scheme === undefined ? sheet : inScheme(sheet, content.scheme),
    script: PAGE_SCRIPT,
    icon: brand.icon === null ? undefined : imagePath(base, brand.icon),
    ...(content.formTargets && { formTargets: content.formTargets }),
    ...(content.outsideScript && { outsideScript: content.outsideScript }),
    ...(content.formsLeadAnywhere && { formsLeadAnywhere: true }),
    ...(content.shownIn !== undefined && { shownIn: content.shownIn }),
    body,
  }
}

/** The logo speaks for the name; without one its first letter and the name stand there. */
function brandMark(brand: Brand, base: string): SafeHtml {
  const { logo, icon, name } = brand
  if (logo) return html`<img src="${imagePath(base, logo)}" alt="${name}" width="${logo.width}" height="${logo.height}">`
  const mark = icon
    ? html`<img src="${imagePath(base, icon)}" alt="" width="${icon.width}" height="${icon.height}">`
    : html`<span class="mark" aria-hidden="true">${initial(name)}</span>`
  return html`${mark}<span>${name}</span>`
}

const imagePath = (base: string, { name }: BrandPicture) => `${base}/branding/${name}`

const initial = (name: string): string => [...name.trim()][0]?.toLocaleUpperCase() ?? '·'

function languages(words: Words, again: readonly (readonly [string, string])[]): SafeHtml {
  const options = LOCALES.map((locale) => {
    const chosen = locale === words.locale ? html` selected` : null
    return html`<option value="${locale}" lang="${locale}"${chosen}>${CATALOGUES[locale]['language']}</option>`
  })
  return html`<form method="get">${again.map(([name, value]) => hidden(name, value))}
<select name="locale" aria-label="${words.say('language.choose')}" autocomplete="off">${options}</select>
<button class="quiet">${words.say('language.apply')}</button></form>`
}
