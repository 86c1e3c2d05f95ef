import type { components } from './generated.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type DeviceCode = components['schemas']['DeviceCode']
export type DeviceLogin = components['schemas']['DeviceLogin']

/** How a program without a key gets one: a person at the console lets it in (RFC 8628). */
export class DeviceLogins {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Needs no key: `new Portico({ apiKey: null, baseUrl })`. Show `userCode`, and open `verificationUriComplete`. */
  start(clientName: string, options?: CallOptions): Promise<DeviceCode> {
    return this.#data({ method: 'POST', path: ['device', 'code'], body: { clientName } }, options)
  }

  /**
   * Asks once whether it was decided: the key, or throws `authorization_pending`, `slow_down`, `access_denied`, `expired_token`. Ask every
   * `interval` seconds.
   */
  redeem(deviceCode: string, options?: CallOptions): Promise<components['schemas']['NewApiKey']> {
    return this.#data({ method: 'POST', path: ['device', 'token'], body: { deviceCode } }, options)
  }

  /** For the console: who asks. */
  get(userCode: string, options?: CallOptions): Promise<DeviceLogin> {
    return this.#data({ method: 'GET', path: ['device', 'requests', userCode] }, options)
  }

  /** For the console: the program gets a key that may do what the person may. */
  approve(userCode: string, options?: CallOptions): Promise<DeviceLogin> {
    return this.#data({ method: 'POST', path: ['device', 'approve'], body: { userCode } }, options)
  }

  deny(userCode: string, options?: CallOptions): Promise<DeviceLogin> {
    return this.#data({ method: 'POST', path: ['device', 'approve'], body: { userCode, decision: 'deny' } }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
