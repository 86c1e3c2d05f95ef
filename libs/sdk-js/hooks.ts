import type { components } from './generated.js'
import { Listing } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type Hook = components['schemas']['Hook']
/** With the secret when the hook is new; it is not shown again. */
export type HookWithSecret = components['schemas']['HookWithSecret']
export type HookTest = components['schemas']['HookTest']
export type HookName = Hook['hook']
export type SetHook = components['schemas']['SetHookBody']

/** What the app is asked before something happens in its project. */
export class Hooks {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(projectId: string, options?: CallOptions): Listing<Hook> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'hooks'] }, options)
  }

  /** Makes or changes it. Keep the secret of the first answer. */
  set(projectId: string, hook: HookName, input: SetHook, options?: CallOptions): Promise<HookWithSecret> {
    return this.#data({ method: 'PUT', path: ['projects', projectId, 'hooks', hook], body: input }, options)
  }

  async delete(projectId: string, hook: HookName, options?: CallOptions): Promise<void> {
    await this.#data({ method: 'DELETE', path: ['projects', projectId, 'hooks', hook] }, options)
  }

  /** The new secret signs at once, the old one beside it for a day. */
  rotateSecret(projectId: string, hook: HookName, options?: CallOptions): Promise<HookWithSecret> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'hooks', hook, 'secret', 'rotate'] }, options)
  }

  /** Asks the endpoint about somebody made up, and answers what it said. */
  test(projectId: string, hook: HookName, options?: CallOptions): Promise<HookTest> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'hooks', hook, 'test'] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
