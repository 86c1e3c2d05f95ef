import { isIP } from 'node:net'

export interface RequestHost {
  /** Lower case, without the dot that a full name may end with (RFC 3986, 3.2.2); an IPv6 address in brackets. */
  hostname: string
  port: number | null
}

const HOST = /^(?<name>\[[0-9a-f:.]+\]|(?!\.)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)\.?(?::(?<port>\d{0,5}))?$/i

/** Reads a `Host` header, or the host of a URL. `null` for what is none: nothing may be guessed from it. */
export function readHost(text: string | undefined): RequestHost | null {
  const found = text === undefined || text.length > 300 ? undefined : HOST.exec(text)?.groups
  const name = found?.['name']?.toLowerCase()
  if (name === undefined || name.length > 253) return null
  if (name.startsWith('[') && isIP(name.slice(1, -1)) !== 6) return null
  const port = found?.['port'] ? Number(found['port']) : null
  return port !== null && (port < 1 || port > 65_535) ? null : { hostname: name, port }
}

/** The host name of a configured URL in the same form. */
export function hostnameOf(url: string | URL): string {
  const { hostname } = new URL(url)
  return readHost(hostname)?.hostname ?? hostname
}

/** Whether it is no domain name: this machine, or a bare address. */
export function isLocalOrAddress(hostname: string): boolean {
  return hostname === 'localhost' || hostname.startsWith('[') || isIP(hostname) !== 0
}

/** Whether an `Origin` header names the https origin at this host. */
export function isOriginOf(origin: string, host: RequestHost | null): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : null
  const own = url?.protocol === 'https:' && url.origin === origin ? readHost(url.host) : null
  return own !== null && host !== null && own.hostname === host.hostname && (own.port ?? 443) === (host.port ?? 443)
}
