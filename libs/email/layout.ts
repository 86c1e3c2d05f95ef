import { isRightToLeft, type Locale } from '@portico/kernel/locales'
import type { RenderedMail } from './message.js'
import { oneLine } from './printable.js'
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
  projectName: string
  locale: Locale
}

const MAX_NAME_LENGTH = 60
const MAX_SUBJECT_LENGTH = 150
/** A project's name as it may stand in a subject or a sentence: one line, printable, at most 60 characters. */
export function printableName(name: string, locale: Locale): string {
  return oneLine(name, MAX_NAME_LENGTH) || sayIn(locale)('your_app')
}

/** Text and HTML of one mail: no image, no font, no script, nothing fetched from anywhere; readable in light and dark. */
export function layOut(content: MailContent): RenderedMail {
  const subject = oneLine(content.subject, MAX_SUBJECT_LENGTH)
  return { subject, text: textPart(content), html: htmlPart(content, subject) }
}

function textPart({ heading, lead, action, code, after = [], projectName, locale }: MailContent): string {
  const blocks = [heading, ...lead]
  if (code !== undefined) blocks.push(`    ${code}`)
  if (action) blocks.push(`${action.label}:\n${safeUrl(action.url)}`)
  blocks.push(...after, `-- \n${printableName(projectName, locale)}`)
  return `${blocks.join('\n\n')}\n`
}

function htmlPart({ heading, lead, action, code, after = [], projectName, locale }: MailContent, subject: string): string {
  const paragraph = (text: string) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`
  const parts = [`<h1 style="margin:0 0 16px;font-size:20px;line-height:28px">${escapeHtml(heading)}</h1>`, ...lead.map(paragraph)]
  if (code !== undefined) {
    parts.push(
      `<p class="code" style="margin:0 0 16px;padding:12px 16px;border-radius:8px;background:#f1f3f5;font:600 28px/36px ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px" dir="ltr">${escapeHtml(code)}</p>`,
    )
  }
  if (action) {
    const url = escapeHtml(safeUrl(action.url))
    parts.push(
      `<p style="margin:0 0 16px"><a class="button" href="${url}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1a4fd6;color:#ffffff;font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>`,
      `<p class="quiet" style="margin:0 0 16px;font-size:13px;line-height:20px;color:#5c6470;word-break:break-word">${escapeHtml(sayIn(locale)('open_address'))}<br><a class="link" dir="ltr" href="${url}" style="color:#1a4fd6;word-break:break-all">${url}</a></p>`,
    )
  }
  parts.push(...after.map(paragraph))
  parts.push(
    `<p class="quiet" style="margin:24px 0 0;font-size:13px;line-height:20px;color:#5c6470">${escapeHtml(printableName(projectName, locale))}</p>`,
  )
  return frame({ subject, locale, body: parts.join('\n') })
}

/** The whole page around what a mail says; `body` is markup. */
export function frame({ subject, locale, body }: { subject: string; locale: Locale; body: string }): string {
  const direction = isRightToLeft(locale) ? ' dir="rtl"' : ''
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
.card{background:#1b1f24!important}
.code{background:#2a3038!important}
.quiet{color:#a2aab5!important}
.link{color:#8fb1ff!important}
.button{background:#3d6cf0!important}
}
</style>
</head>
<body style="margin:0;background:#f4f5f7;color:#1b1f24">
<div class="page" style="padding:24px 12px;background:#f4f5f7;color:#1b1f24;font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div class="card" role="article" lang="${locale}"${direction} aria-label="${escapeHtml(subject)}" style="max-width:520px;margin:0 auto;padding:28px;border-radius:12px;background:#ffffff">
${body}
</div>
</div>
</body>
</html>
`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

// RFC 3986: what may stand in a URL without being encoded. None of it ends an attribute or a line.
const URL_CHARACTERS = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/

/**
 * A link goes out with http or https only; as it was written where that is safe, since an app may depend on every character, else in its
 * serialised form.
 */
function safeUrl(url: string): string {
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new Error('a mailed link must be http or https')
  return URL_CHARACTERS.test(url) ? url : parsed.href
}
