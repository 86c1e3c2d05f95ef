const HOSTNAME = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])$/
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** An absolute https URL (http only on loopback), without credentials or fragment; `null` for anything else. */
export function readHttpUrl(value: unknown): URL | null {
  if (typeof value !== 'string' || value.length > 2_048 || !URL.canParse(value)) return null
  const url = new URL(value)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) return null
  if (!HOSTNAME.test(url.hostname)) return null // The URL parser takes `*` and the like for a host name.
  return url.username || url.password || url.hash || value.includes('#') ? null : url
}
