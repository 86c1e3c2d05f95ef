import type { components } from './generated.js'
import type { AuthSettingsPatch, SettingsPreview } from './project-auth.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type ConsoleSession = components['schemas']['ConsoleSession']
export type ConsoleSignIn = components['schemas']['ConsoleSignIn']
export type SetUpOwner = components['schemas']['SetUpBody']

/** Who is at the console: for a page of its own origin, `new Portico({ apiKey: null })`. */
export class Console {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Needs no sign-in. */
  session(options?: CallOptions): Promise<ConsoleSession> {
    return this.#data({ method: 'GET', path: ['console', 'session'] }, options)
  }

  /** The first owner, by the code that was printed at start. */
  setUp(owner: SetUpOwner, options?: CallOptions): Promise<ConsoleSession> {
    return this.#data({ method: 'POST', path: ['console', 'setup'], body: owner }, options)
  }

  /** Mode `token`: an API key, or the token of the environment, typed once. */
  enterToken(token: string, options?: CallOptions): Promise<ConsoleSession> {
    return this.#data({ method: 'POST', path: ['console', 'token'], body: { token } }, options)
  }

  /** To look around in the made-up projects; `not_found` where there are none. */
  enterDemo(options?: CallOptions): Promise<ConsoleSession> {
    return this.#data({ method: 'POST', path: ['console', 'demo'] }, options)
  }

  /** `console_lockout` for a mode in which no owner could sign in. */
  async chooseAccess(mode: ConsoleSession['mode'], options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'PUT', path: ['console', 'access'], body: { mode } }, options)
  }

  /** How the people of the console sign in; `fixed` names what follows from the configuration. */
  signInSettings(options?: CallOptions): Promise<ConsoleSignIn> {
    return this.#data({ method: 'GET', path: ['console', 'sign-in-settings'] }, options)
  }

  /** What the change would do, without doing it. */
  previewSignInSettings(change: AuthSettingsPatch, options?: CallOptions): Promise<SettingsPreview> {
    const query = { dryRun: true }
    return this.#data({ method: 'PATCH', path: ['console', 'sign-in-settings'], query, body: change }, options)
  }

  /** `console_lockout` for settings with which no owner could sign in. */
  updateSignInSettings(change: AuthSettingsPatch, options?: CallOptions): Promise<ConsoleSignIn> {
    return this.#data({ method: 'PATCH', path: ['console', 'sign-in-settings'], body: change }, options)
  }

  /** Shows another tenant that the person is a member of. */
  switchTenant(tenantId: string, options?: CallOptions): Promise<ConsoleSession> {
    return this.#data({ method: 'POST', path: ['console', 'tenant'], body: { tenantId } }, options)
  }

  async signOut(options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'POST', path: ['console', 'sign-out'] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
