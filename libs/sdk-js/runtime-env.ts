import type { components } from './generated.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type RuntimeEnvironment = components['schemas']['RuntimeEnv']
export type RuntimeVariable = components['schemas']['Variable']

export type RuntimeEnvChange = components['schemas']['VariablesChanged']

export type RuntimeEnvFormat = 'dotenv' | 'shell' | 'k8s-secret'

/** The environment that an instance booted now would get. */
export class RuntimeEnv {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Names and values, `AUTH_JWT_SECRET` included: needs the scope `env:read`. With a format other than `json` the text of a file. */
  get(projectId: string, query: { format: RuntimeEnvFormat }, options?: CallOptions): Promise<string>
  get(projectId: string, query?: { format?: 'json' }, options?: CallOptions): Promise<RuntimeEnvironment>
  get(projectId: string, query: { format?: RuntimeEnvFormat | 'json' } = {}, options?: CallOptions): Promise<string | RuntimeEnvironment> {
    const call: Call = { method: 'GET', path: ['projects', projectId, 'runtime-env'], query }
    if (query.format !== undefined && query.format !== 'json') return this.#transport.send<string>({ ...call, answer: 'text' }, options)
    return this.#data(call, options)
  }

  /**
   * Sets variables of the project's own; `null` removes one. They win over managed ones of the same name: bring your own auth with
   * `AUTH_URL` and
   * `AUTH_JWT_SECRET`, both at once, since while managed auth is on a single one of them is refused (`mixed_auth_pair`).
   */
  set(projectId: string, variables: Record<string, string | null>, options?: CallOptions): Promise<RuntimeEnvChange> {
    return this.#data({ method: 'PUT', path: ['projects', projectId, 'runtime-env'], body: { variables } }, options)
  }

  /** Removes the project's own value; a managed one of the same name is back. */
  unset(projectId: string, name: string, options?: CallOptions): Promise<RuntimeEnvChange> {
    return this.#data({ method: 'DELETE', path: ['projects', projectId, 'runtime-env', name] }, options)
  }

  /** Names and sources, never values. */
  list(projectId: string, options?: CallOptions): Promise<RuntimeVariable[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'variables'] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
