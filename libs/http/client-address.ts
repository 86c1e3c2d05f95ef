import { isIP } from 'node:net'

/**
 * The address of the client, told by the socket and by as many proxies in front as are trusted. With `hops` 0 the header is never read;
 * with n the n-th entry from the right counts, because each trusted proxy appends the peer it saw and everything left of that is hearsay.
 */
export function clientAddress(socketAddress: string | undefined, forwardedFor: string | string[] | undefined, hops: number): string {
  const peer = readAddress(socketAddress ?? '') ?? 'unknown'
  if (hops <= 0 || forwardedFor === undefined) return peer
  const entries = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor).split(',')
  let address = peer
  for (let hop = 1; hop <= hops && hop <= entries.length; hop += 1) {
    const entry = readAddress(entries[entries.length - hop] ?? '')
    // A proxy that writes something else than an address did not tell us anything: keep the last one known.
    if (entry === null) break
    address = entry
  }
  return address
}

/**
 * What limits count by: an IPv4 address, or the /64 of an IPv6 address, since one subscriber owns all of it. The holder of one IPv4 address
 * holds
 * 65,536 such networks by 6to4, and all clients of a Teredo server are in one: both are counted as the IPv4 address they are made from.
 */
export function addressForLimits(address: string): string {
  if (isIP(address) !== 6) return address
  const groups = groupsOf(address)
  const [first = 0, second = 0, third = 0] = groups
  if (first === 0x2002) return ipv4(second, third) // RFC 3056
  if (first === 0x2001 && second === 0) return ipv4(0xffff ^ (groups[6] ?? 0), 0xffff ^ (groups[7] ?? 0)) // RFC 4380, 4
  return `${groups.slice(0, 4).map((group) => group.toString(16)).join(':')}::/64`
}

/**
 * One address as proxies write it: bare, in brackets, with a port, in quotes. Canonical: RFC 5952, without zone, and every spelling of an
 * address that stands for an IPv4 client is that IPv4 address. `null` for anything else.
 */
export function readAddress(text: string): string | null {
  const quoted = /^\s*("?)([^"]*)\1\s*$/.exec(text)?.[2]?.trim() ?? ''
  const bracketed = /^\[([^\]]*)\](:\d{1,5})?$/.exec(quoted)?.[1]
  const bare = bracketed ?? /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(quoted)?.[1] ?? quoted
  const version = isIP(bare)
  if (version === 0) return null
  if (version === 4) return bracketed === undefined ? bare : null
  const groups = groupsOf(bare)
  return embeddedIpv4(groups) ?? compressed(groups)
}

/**
 * IPv4-mapped and IPv4-translated addresses (RFC 4291, 2.5.5.2; RFC 2765, 2.1), and those of a translator in front of us (RFC 6052; RFC
 * 8215).
 */
function embeddedIpv4(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  if (a === 0 && b === 0 && c === 0 && d === 0 && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0))) return ipv4(g, h)
  if (a !== 0x64 || b !== 0xff9b) return null
  if (c === 0 && d === 0 && e === 0 && f === 0) return ipv4(g, h)
  if (c !== 1) return null
  // The prefix for local use may be taken whole, as a /48, or any /96 of it: the first leaves the end empty and goes round the bits 64 to
  // 71 (RFC 6052, 2.2).
  return g === 0 && h === 0 && (f & 0xff) === 0 && e >> 8 === 0 ? ipv4(d, ((e & 0xff) << 8) | (f >> 8)) : ipv4(g, h)
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const plain = (address.split('%')[0] ?? '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return groups.map((group) => Number.parseInt(group, 16))
}

function ipv4(high: number, low: number): string {
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
}

/** RFC 5952, 4: the URL parser writes addresses so. */
function compressed(groups: readonly number[]): string {
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]/`).hostname.slice(1, -1)
}
