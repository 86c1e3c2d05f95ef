import { getDomain } from 'tldts'
import { isAppUrl } from './app-url.js'
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

/**
 * Whether this may stand in `redirect_urls`: an exact URL (of the web, of a hash route of one, of an app's own scheme), or the one wildcard
 * form `https://*.preview.example.com/path`.
 */
export function isRedirectPattern(value: string): boolean {
  if (isComparedAsText(value)) return true
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
  if (isComparedAsText(wanted)) return settings.redirect_urls.includes(wanted)
  const url = readHttpUrl(wanted)
  if (url === null || !isPlain(wanted, url)) return false
  return [settings.site_url, ...settings.redirect_urls].some((allowed) => allowed !== null && matches(allowed, url))
}

/** URLs that have no second spelling here: those of an app's own scheme, and hash routes (`https://app.example/#/callback`). */
function isComparedAsText(value: string): boolean {
  return isAppUrl(value) || isHashRoute(value)
}

// The characters of a fragment (RFC 3986, 3.5) behind the slash that makes it a route.
const HASH_ROUTE = /^[^#*]+#!?\/[\w.~!$&'()*+,;=:@%/?-]*$/

function isHashRoute(value: string): boolean {
  if (!HASH_ROUTE.test(value) || value.length > 2_048) return false
  const page = readHttpUrl(value.slice(0, value.indexOf('#')))
  return page !== null && new URL(value).href === value
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
