import { readHttpUrl } from './http-url.js'

const LONGEST = 2_048
/** Nobody's: only whether a path stays on it is asked. */
const BASE = 'https://app.invalid'
// Browsers take tabs and line breaks out of an address before they read it, and read `\` as `/`: what is left may begin with `//host`.
const NEVER = /[\\\s\p{Cc}]/u
const AWAY = /^\/[/\\]/

/**
 * Whether this is a path of one site, written as a URL parser would write it: what leads somewhere after a sign-in must not lead to
 * somebody else's page. Said of the text, and of what it says once (or twice) decoded, since what stands behind may decode it. The app SDK
 * has the same rule for its server (libs/sdk-app/same-origin-path.ts); one table of attacks tries both.
 */
export function isSameOriginPath(path: string): boolean {
  if (path.length > LONGEST || !path.startsWith('/') || AWAY.test(path) || NEVER.test(path)) return false
  if (!URL.canParse(path, BASE)) return false
  const url = new URL(path, BASE)
  if (url.origin !== BASE || url.pathname + url.search + url.hash !== path) return false
  let pathname = url.pathname
  for (let round = 0; round < 3; round++) {
    // As it would be read by whoever folds wide characters (`／` is `/` after NFKC) and drops what is not seen.
    const read = pathname.normalize('NFKC').replaceAll(/[\s\p{C}]/gu, '')
    if (AWAY.test(read) || read.startsWith('/./') || read.startsWith('/../')) return false
    const decoded = decodeOnce(pathname)
    // Not decodable at first: no address. Later: a sign that stands for itself.
    if (decoded === null) return round > 0
    if (decoded === pathname) return true
    pathname = decoded
  }
  return false
}

/** The address of a path below a site; `null`: it is not below it. */
export function belowSite(siteUrl: string | null, path: string): string | null {
  const site = siteUrl === null ? null : readHttpUrl(siteUrl)
  if (site === null || !isSameOriginPath(path)) return null
  const url = new URL(path, site)
  const root = site.pathname.replace(/\/+$/, '')
  return url.pathname === root || url.pathname.startsWith(`${root}/`) ? url.href : null
}

function decodeOnce(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
