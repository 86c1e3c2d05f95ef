import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type Instance = components['schemas']['Instance']
export type BootedInstance = components['schemas']['BootedInstance']
export type Heartbeat = components['schemas']['Heartbeat']
export type BootInstance = components['schemas']['BootInstanceBody']

export type InstanceQuery = Omit<components['schemas']['ListInstancesQuery'], NumberedPages>

/** Runtime instances: one for every booted process of an app. */
export class Instances {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Registers a process and answers the environment to start it with, secrets included. Send a heartbeat every `heartbeatSeconds`.
   * `reads` says which variables the process reads: one that reads `AUTH_JWT_SECRET_NEXT` too (`VERIFY_TOKEN_READS` of
   * `@portico/auth/server`) notices nothing of a rotation.
   */
  boot(projectId: string, instance: BootInstance = {}, options?: CallOptions): Promise<BootedInstance> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'instances'], body: instance }, options)
  }

  /** Says that the process still runs, and with `reads` what it reads. A rotation waits for the instances that do. */
  heartbeat(projectId: string, instanceId: string, options: CallOptions & { reads?: readonly string[] } = {}): Promise<Heartbeat> {
    const { reads, ...others } = options
    const body = reads === undefined ? {} : { body: { reads } }
    return this.#data({ method: 'POST', path: ['projects', projectId, 'instances', instanceId, 'heartbeat'], ...body }, others)
  }

  /** Says that the process is over. */
  end(projectId: string, instanceId: string, options?: CallOptions): Promise<Instance> {
    return this.#data({ method: 'DELETE', path: ['projects', projectId, 'instances', instanceId] }, options)
  }

  list(projectId: string, query?: InstanceQuery, options?: CallOptions): Listing<Instance> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'instances'], query }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
