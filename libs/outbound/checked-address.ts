import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { OutboundError } from './outbound-error.js'
import { isOutsideAddress } from './outside-address.js'

export interface AddressRules {
  allowLoopback: boolean
  resolve: (hostname: string) => Promise<LookupAddress[]>
}

/**
 * The address that a socket to this host may be opened to, and to no other: a name that changes in between gains nothing. Throws
 * `not_allowed` for one of our own network.
 */
export async function checkedAddress(
  hostname: string,
  { allowLoopback, resolve }: AddressRules,
  deadline: AbortSignal,
): Promise<LookupAddress> {
  const literal = isIP(hostname)
  const addresses = literal === 0 ? await withDeadline(resolve(hostname), deadline) : [{ address: hostname, family: literal }]
  // One inner address among the answers is reason enough: an honest public name has none.
  if (addresses.length === 0) throw new OutboundError('unreachable')
  if (!addresses.every(({ address }) => isOutsideAddress(address, allowLoopback))) throw new OutboundError('not_allowed')
  return addresses[0]!
}

async function withDeadline<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  if (deadline.aborted) throw new OutboundError('too_slow')
  let give: (() => void) | undefined
  const late = new Promise<never>((_, fail) => {
    give = () => fail(new OutboundError('too_slow'))
    deadline.addEventListener('abort', give, { once: true })
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    throw error instanceof OutboundError ? error : new OutboundError('unreachable', { cause: error })
  } finally {
    if (give) deadline.removeEventListener('abort', give)
  }
}
