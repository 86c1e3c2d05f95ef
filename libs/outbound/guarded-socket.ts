import type { LookupAddress } from 'node:dns'
import { connect, type Socket } from 'node:net'
import { checkedAddress } from './checked-address.js'
import { OutboundError } from './outbound-error.js'
import { opened } from './plain-socket.js'
import { resolveHost } from './resolve-host.js'

export interface GuardedSocketOptions {
  /** Development switch, as for HTTP. */
  allowLoopback: boolean
  /** For resolving and connecting together. */
  timeLimitMs: number
  /** For tests of rebinding. */
  resolve?: (hostname: string) => Promise<LookupAddress[]>
}

/** Ports that mail is handed over at (RFC 6409, RFC 8314, and what providers offer where those are blocked). */
const MAIL_PORTS = new Set([25, 465, 587, 2465, 2525, 2587])

/** Whether a customer's mail server may be on this port: any other could be used to knock at services that speak something else. */
export function isMailPort(port: number, allowLoopback: boolean): boolean {
  return MAIL_PORTS.has(port) || (allowLoopback && port > 1_023)
}

/** A connection to a mail server that a customer configured, under the rules of `GuardedHttp`. Throws `OutboundError`. */
export async function connectGuarded(host: string, port: number, options: GuardedSocketOptions): Promise<Socket> {
  const { allowLoopback, timeLimitMs, resolve = resolveHost } = options
  if (!isMailPort(port, allowLoopback)) throw new OutboundError('not_allowed')
  const deadline = AbortSignal.timeout(timeLimitMs)
  const { address } = await checkedAddress(host, { allowLoopback, resolve }, deadline)
  return opened(connect({ host: address, port }), deadline)
}
