import { isIP } from 'node:net'

/**
 * The address of the client, told by the socket and by as many proxies in front as are trusted. With `hops` 0 the header is never read;
 * with n the n-th entry from the right counts, because each trusted proxy appends the peer it saw and everything left of that is hearsay.
 */
export function clientAddress(socketAddress: string | undefined, forwardedFor: string | string[] | undefined, hops: number): string {
  const peer = plainAddress(socketAddress ?? '') ?? 'unknown'
  if (hops <= 0 || forwardedFor === undefined) return peer
  const entries = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor).split(',')
  let address = peer
  for (let hop = 1; hop <= hops && hop <= entries.length; hop += 1) {
    const entry = plainAddress(entries[entries.length - hop]?.trim() ?? '')
    // A proxy that writes something else than an address did not tell us anything: keep the last one known.
    if (entry === null) break
    address = entry
  }
  return address
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address, since one subscriber owns all of it. */
export function addressForLimits(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

function plainAddress(text: string): string | null {
  let address = text
  if (address.startsWith('[')) address = address.slice(1).split(']')[0] ?? ''
  else if (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(address)) address = address.split(':')[0] ?? ''
  if (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address)) address = address.slice(7)
  return isIP(address) === 0 ? null : address.toLowerCase()
}
