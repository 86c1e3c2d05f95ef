import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OutboundError } from './outbound-error.js'
import { isOutsideAddress } from './outside-address.js'

/** What DNS says of a domain; injected, so that tests need no network. Both throw an `OutboundError` when DNS does not answer. */
export interface DomainDns {
  /** The TXT records of a name, each joined to one text; none when the name does not exist. */
  txt(name: string): Promise<string[]>
  /** Whether requests for this host name come to the other one: by a CNAME, or by an address that both have. */
  pointsTo(hostname: string, target: string): Promise<boolean>
}

const TIME_LIMIT_MS = 3_000
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])
const MAX_SERVERS = 3
const ADDRESSES_EACH = 2

export const domainDns: DomainDns = {
  async txt(name) {
    // Asked of the zone's own servers: a resolver in between remembers «no such record» for as long as the zone says, often an hour.
    const servers = await zoneServers(name)
    if (servers.length > 0) {
      const found = await within((resolver) => resolver.resolveTxt(name), servers).catch(() => [])
      if (found.length > 0) return joined(found)
    }
    return joined(await within((resolver) => resolver.resolveTxt(name)))
  },

  async pointsTo(hostname, target) {
    const aliases = await within((resolver) => resolver.resolveCname(hostname))
    if (aliases.some((alias) => plain(alias) === plain(target))) return true
    const [own, ours] = await Promise.all([addressesOf(hostname), addressesOf(target)])
    return own.some((address) => ours.includes(address))
  },
}

const joined = (records: readonly string[][]): string[] => records.map((parts) => parts.join(''))
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '')

async function addressesOf(hostname: string): Promise<string[]> {
  if (isIP(hostname) !== 0) return [hostname]
  if (hostname === 'localhost') return ['127.0.0.1', '::1']
  const [four, six] = await Promise.all([
    within((resolver) => resolver.resolve4(hostname)),
    within((resolver) => resolver.resolve6(hostname)),
  ])
  return [...four, ...six]
}

/**
 * Addresses of the servers of the zone that the host name is in; none where they cannot be found out. The host name itself is not asked for
 * servers: it may be an alias, and those of what it stands for have no say in whose it is.
 */
async function zoneServers(name: string): Promise<string[]> {
  const labels = name.split('.')
  for (let at = 2; at < labels.length - 1; at += 1) {
    try {
      const names = await within((resolver) => resolver.resolveNs(labels.slice(at).join('.')))
      if (names.length === 0) continue
      const found = await Promise.all(names.slice(0, MAX_SERVERS).map((server) => within((resolver) => resolver.resolve4(server))))
      // A zone may name any address as its server, one of our own network too.
      return found.flatMap((addresses) => addresses.filter((address) => isOutsideAddress(address, false)).slice(0, ADDRESSES_EACH))
    } catch {
      return []
    }
  }
  return []
}

async function within<T>(ask: (resolver: Resolver) => Promise<T[]>, servers?: readonly string[]): Promise<T[]> {
  const resolver = new Resolver({ timeout: TIME_LIMIT_MS, tries: 1 })
  if (servers !== undefined) resolver.setServers(servers)
  const timer = setTimeout(() => resolver.cancel(), TIME_LIMIT_MS)
  try {
    return await ask(resolver)
  } catch (error) {
    if (NOTHING_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return []
    throw new OutboundError('unreachable', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
