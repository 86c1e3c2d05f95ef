import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'

/**
 * Every address of a name, IPv4 first. `dns.lookup` would do it on the thread pool, where four names whose servers never answer stop every
 * look-up, file read and password hash of the process for as long; this resolver holds no thread, and gives up by itself.
 */
export async function resolveHost(hostname: string): Promise<LookupAddress[]> {
  const name = hostname.replace(/\.$/, '')
  // RFC 6761, 6.3: these are loopback, and are not asked for on the network.
  if (name === 'localhost' || name.endsWith('.localhost')) return [{ address: '127.0.0.1', family: 4 }]
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const addresses = [...found(four, 4), ...found(six, 6)]
  if (addresses.length === 0 && four.status === 'rejected') throw four.reason
  return addresses
}

function found(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : []
}
