import { getDomain } from 'tldts'
import { readHttpUrl } from './http-url.js'

/** The part of the settings that says where a sign-in may lead. */
export interface RedirectSettings {
  site_url: string | null
  redirect_urls: readonly string[]
}

// One label in place of the star, and at least three labels behind it: `*.preview.example.com`. With fewer, the star would stand on a
// domain that many people share, where anybody can publish a page that collects sign-ins; the Public Suffix List names those that are
// deeper.
const WILDCARD = /^https:\/\/\*((?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){3,})(?=[:/?]|$)/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Whether this may stand in `redirect_urls`: an exact URL, or the one wildcard form `https://*.preview.example.com/path`. */
export function isRedirectPattern(value: string): boolean {
  if (!value.includes('*')) return readHttpUrl(value) !== null
  if (!WILDCARD.test(value) || value.indexOf('*') !== value.lastIndexOf('*')) return false
  const url = readHttpUrl(value.replace('*', 'any'))
  return url !== null && isBelowOneOwner(url.hostname)
}

/** False where the star stands directly under a public suffix (`*.s3.amazonaws.com`, `*.github.io`): anybody may take a name there. */
function isBelowOneOwner(hostname: string): boolean {
  const domain = getDomain(hostname, { allowPrivateDomains: true, validateHostname: false })
  return domain !== null && domain !== hostname
}

/**
 * Whether a sign-in may lead there: exactly an allow-listed URL, or one label in place of a star. Anything else could collect codes and
 * tokens.
 */
export function isAllowedRedirect(settings: RedirectSettings, wanted: string): boolean {
  const url = readHttpUrl(wanted)
  if (url === null || !isPlain(wanted, url)) return false
  return [settings.site_url, ...settings.redirect_urls].some((allowed) => allowed !== null && matches(allowed, url))
}

/**
 * Written as the URL parser would write it, so that no reader downstream parses another address from it (`\`, tabs, `..`, upper case, …).
 */
function isPlain(text: string, url: URL): boolean {
  return url.href === text || (url.pathname === '/' && url.search === '' && url.href === `${text}/`)
}

function matches(allowed: string, url: URL): boolean {
  if (!allowed.includes('*')) return URL.canParse(allowed) && new URL(allowed).href === url.href
  if (!isRedirectPattern(allowed)) return false
  const dot = url.hostname.indexOf('.')
  if (dot < 1 || !LABEL.test(url.hostname.slice(0, dot))) return false
  return new URL(allowed.replace('*', url.hostname.slice(0, dot))).href === url.href
}
