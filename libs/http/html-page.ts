import { isAppUrl } from '@portico/kernel/app-url'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import type { FastifyReply } from 'fastify'

/** Markup that is safe to send: made by `html`, or vouched for by the caller of `rawHtml`. */
export class SafeHtml {
  constructor(readonly text: string) {}
}

type Part = string | number | SafeHtml | null | undefined | readonly Part[]

/** Template tag: every inserted value is escaped unless it is `SafeHtml`; lists are joined, `null` is nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): SafeHtml {
  return new SafeHtml(strings.map((string, i) => string + (i < parts.length ? render(parts[i]) : '')).join(''))
}

export function rawHtml(text: string): SafeHtml {
  return new SafeHtml(text)
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

export interface HtmlPage {
  title: string
  body: SafeHtml
  /** Added to the plain style that every page has. */
  style?: string
  /** Instead of the plain style. */
  onlyStyle?: string
  /** Inline script; most pages need none. */
  script?: string
  /** The one script of somebody else's that a page may need (a captcha), and the hosts that it loads from. */
  outsideScript?: { src: string; hosts: readonly string[] }
  lang?: string
  /** Writing direction; the default is left to right. */
  dir?: 'ltr' | 'rtl'
  /** Path of the icon. */
  icon?: string | undefined
  status?: number
  /**
   * Where forms of the page may lead, redirects included, besides here: configured URLs, of which only the origin, or an app's scheme, is
   * told.
   */
  formTargets?: readonly string[]
  /** The same where the address is not known beforehand: any https page, and http on this machine. */
  formsLeadAnywhere?: boolean
  /** The origin of the one page that may show it in a frame, where its forms lead nowhere; without it none may. */
  shownIn?: string
  /** For pages that are the same for every reader; the default is `no-store`. */
  cacheControl?: string
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:28rem;padding:12vh 1.25rem;overflow-wrap:anywhere}
h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#2456d6;color:#fff;cursor:pointer;max-width:100%}
button.plain{background:transparent;color:inherit;border:1px solid currentColor}button:focus-visible,a:focus-visible,input:focus-visible{outline:3px solid #4f86f7;outline-offset:2px}
label{display:block;margin:.8rem 0}input{font:inherit;display:block;width:100%;box-sizing:border-box;margin-top:.25rem;padding:.5rem}`

const ANYWHERE = ['https:', 'http://127.0.0.1:*', 'http://localhost:*']

/**
 * A stored URL is text that somebody typed: only what the URL parser says its origin is may stand in a policy. One star may stand for a
 * label.
 */
function formSources({ formTargets = [], formsLeadAnywhere }: HtmlPage): string[] {
  if (formsLeadAnywhere) return ANYWHERE
  return [...new Set(formTargets.map(originForPolicy).filter((origin) => origin !== null))]
}

const ORIGIN = /^https?:\/\/(\*\.)?[a-z0-9.-]+(:\d+)?$|^https?:\/\/\[[0-9a-f:]+\](:\d+)?$/

export function originForPolicy(stored: string): string | null {
  const starred = stored.startsWith('https://*.')
  const url = starred ? stored.replace('*.', '') : stored
  if (!URL.canParse(url)) return null
  // An app has no origin; its scheme stands for it.
  if (isAppUrl(stored)) return new URL(stored).protocol
  const { origin } = new URL(url)
  const source = starred ? origin.replace('https://', 'https://*.') : origin
  // The parser keeps a few characters in host names that end a policy, `;` and `,` among them.
  return ORIGIN.test(source) ? source : null
}

/** Sends one of our own pages: nothing from outside, no framing, no referrer (the address may hold a token), not indexed. */
export function sendPage(reply: FastifyReply, page: HtmlPage, entropy: Entropy = systemEntropy): FastifyReply {
  const nonce = entropy.bytes(16).toString('base64')
  const own = `'nonce-${nonce}'`
  const outside = page.outsideScript?.hosts ?? []
  const policy = [
    "default-src 'none'",
    `style-src ${[own, ...outside].join(' ')}`,
    ...(page.script === undefined ? [] : [`script-src ${[own, ...outside].join(' ')}`, `connect-src ${["'self'", ...outside].join(' ')}`]),
    "img-src 'self' data:",
    ...(page.outsideScript === undefined ? [] : [`frame-src ${page.outsideScript.hosts.join(' ')}`]),
    `form-action ${page.shownIn === undefined ? ["'self'", ...formSources(page)].join(' ') : "'none'"}`,
    "base-uri 'none'",
    `frame-ancestors ${(page.shownIn !== undefined && originForPolicy(page.shownIn)) || "'none'"}`,
  ]
  // Says «nobody», which the policy says better.
  if (page.shownIn !== undefined) reply.removeHeader('x-frame-options')
  reply.headers({
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': page.cacheControl ?? 'no-store',
  })
  // RFC 9110, 15.5.2.
  if (page.status === 401) reply.header('www-authenticate', 'Bearer')
  const script = page.script === undefined ? null : html`<script nonce="${nonce}">${rawHtml(page.script)}</script>`
  const other = page.outsideScript && html`<script nonce="${nonce}" src="${page.outsideScript.src}" async defer></script>`
  const document = html`<!doctype html>
<html lang="${page.lang ?? 'en'}"${page.dir === 'rtl' ? html` dir="rtl"` : null}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${page.title}</title>
<link rel="icon" href="${page.icon ?? 'data:,'}">
<style nonce="${nonce}">${rawHtml(page.onlyStyle ?? STYLE + (page.style ?? ''))}</style>
</head>
<body>
${page.body}
${script}${other}
</body>
</html>
`
  return reply.code(page.status ?? 200).type('text/html; charset=utf-8').send(document.text)
}

function render(part: Part): string {
  if (part === null || part === undefined) return ''
  if (part instanceof SafeHtml) return part.text
  if (typeof part === 'object') return part.map(render).join('')
  return escapeHtml(String(part))
}
