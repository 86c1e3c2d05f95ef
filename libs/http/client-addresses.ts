import type { Logger } from 'pino'
import { clientAddress, readAddress } from './client-address.js'

/** Tells client addresses, and says once where they are those of a proxy of ours. */
export class ClientAddresses {
  #said = false

  constructor(
    private readonly hops: number,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  of(socketAddress: string | undefined, forwardedFor: string | string[] | undefined): string {
    const address = clientAddress(socketAddress, forwardedFor, this.hops)
    if (!this.#said && isOwnProxy(address, forwardedFor)) {
      this.#said = true
      this.logger.warn(
        { address, trusted_proxy_hops: this.hops },
        'clients come with the address of a proxy of ours and share its limits: TRUSTED_PROXY_HOPS is too low',
      )
    }
    return address
  }
}

/**
 * Whether the address that was told is one of our own machines although somebody stands behind it: then more proxies are in front than are
 * trusted, and all clients share the limits of one. A header that a stranger made up comes from a public address, and is not taken for it.
 */
function isOwnProxy(address: string, forwardedFor: string | string[] | undefined): boolean {
  if (forwardedFor === undefined || !isPrivate(address)) return false
  const entries = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor).split(',').map(readAddress)
  return entries.some((entry) => entry !== null && entry !== address && !isPrivate(entry))
}

// RFC 1918, 6598, 3927, 4193 and 4291: what no client of the internet comes from.
const PRIVATE = /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/

const isPrivate = (address: string): boolean => PRIVATE.test(address)
