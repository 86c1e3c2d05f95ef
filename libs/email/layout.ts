import { isRightToLeft, type Locale } from '@portico/kernel/locales'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { DARK_CARD, footLinksOf, LIGHT_CARD, lookOf, markOf } from './look.js'
import { escapeHtml, safeUrl } from './markup.js'
import type { RenderedMail } from './message.js'
import { oneLine } from './printable.js'
import { printableName } from './printable-name.js'
import { sayIn } from './words.js'

export interface MailContent {
  subject: string
  heading: string
  /** Paragraphs before the button or the code. Plain text: everything is escaped here. */
  lead: string[]
  /** An absolute http(s) URL of ours or of the project. */
  action?: { label: string; url: string }
  /** Shown large, to be typed in. */
  code?: string
  /** Paragraphs after it. */
  after?: string[]
  brand: MailBrand
  locale: Locale
}

const MAX_SUBJECT_LENGTH = 150

/**
 * Text and HTML of one mail: no font, no script, nothing fetched from anywhere but the project's own logo from our host; readable in light
 * and dark, whatever the project's colours are.
 */
export function layOut(content: MailContent): RenderedMail {
  const subject = oneLine(content.subject, MAX_SUBJECT_LENGTH)
  return { subject, text: textPart(content), html: htmlPart(content, subject) }
}

function textPart({ heading, lead, action, code, after = [], brand, locale }: MailContent): string {
  const blocks = [heading, ...lead]
  if (code !== undefined) blocks.push(`    ${code}`)
  if (action) blocks.push(`${action.label}:\n${safeUrl(action.url)}`)
  const links = footLinksOf(brand).map(([words, url]) => `\n${sayIn(locale)(words)}: ${url.replace(/^mailto:/, '')}`)
  blocks.push(...after, `-- \n${printableName(brand.name, locale)}${links.join('')}`)
  return `${blocks.join('\n\n')}\n`
}

function htmlPart({ heading, lead, action, code, after = [], brand, locale }: MailContent, subject: string): string {
  const { light, radius } = lookOf(brand)
  const say = sayIn(locale)
  const paragraph = (text: string) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`
  const parts = [`<h1 style="margin:0 0 16px;font-size:20px;line-height:28px">${escapeHtml(heading)}</h1>`, ...lead.map(paragraph)]
  if (code !== undefined) {
    parts.push(
      `<p class="code" style="margin:0 0 16px;padding:12px 16px;border-radius:${radius}px;background:#f1f3f5;font:600 28px/36px ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px" dir="ltr">${escapeHtml(code)}</p>`,
    )
  }
  if (action) {
    const url = escapeHtml(safeUrl(action.url))
    parts.push(
      `<p style="margin:0 0 16px"><a class="button" href="${url}" style="display:inline-block;padding:12px 20px;border-radius:${radius}px;background:${light.brand};color:${light.onBrand};font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>`,
      `<p class="quiet" style="margin:0 0 16px;font-size:13px;line-height:20px;color:#5c6470;word-break:break-word">${escapeHtml(say('open_address'))}<br><a class="link" dir="ltr" href="${url}" style="color:${light.accent};word-break:break-all">${url}</a></p>`,
    )
  }
  parts.push(...after.map(paragraph))
  const links = footLinksOf(brand).map(
    ([words, url]) => ` · <a class="quiet" href="${escapeHtml(url)}" style="color:#5c6470">${escapeHtml(say(words))}</a>`,
  )
  parts.push(
    `<p class="quiet" style="margin:24px 0 0;font-size:13px;line-height:20px;color:#5c6470">${escapeHtml(printableName(brand.name, locale))}${links.join('')}</p>`,
  )
  return frame({ subject, locale, brand, body: parts.join('\n') })
}

/** The whole page around what a mail says; `body` is markup. */
export function frame({ subject, locale, brand, body }: { subject: string; locale: Locale; brand: MailBrand; body: string }): string {
  const direction = isRightToLeft(locale) ? ' dir="rtl"' : ''
  const { dark, radius, font } = lookOf(brand)
  return `<!doctype html>
<html lang="${locale}"${direction}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
:root{color-scheme:light dark}
@media (prefers-color-scheme:dark){
body,.page{background:#111418!important;color:#e6e8eb!important}
.card{background:${DARK_CARD}!important}
.code{background:#2a3038!important}
.quiet{color:#a2aab5!important}
.link{color:${dark.accent}!important}
.button{background:${dark.brand}!important;color:${dark.onBrand}!important}
}
</style>
</head>
<body style="margin:0;background:#f4f5f7;color:#1b1f24">
<div class="page" style="padding:24px 12px;background:#f4f5f7;color:#1b1f24;font:16px/24px ${font}">
<div class="card" role="article" lang="${locale}"${direction} aria-label="${escapeHtml(subject)}" style="max-width:520px;margin:0 auto;padding:28px;border-radius:${Math.round(radius * 1.6)}px;background:${LIGHT_CARD}">
${markOf(brand, locale)}${body}
</div>
</div>
</body>
</html>
`
}
