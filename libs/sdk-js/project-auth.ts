import type { components } from './generated.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type AuthService = components['schemas']['AuthService']
export type AuthSettings = components['schemas']['Settings']
/**
 * `force` changes `siteUrl` or `rpId` although people whose only way in is a passkey of the domain of now are locked out
 * (`passkeys_stranded`).
 */
export type AuthSettingsPatch = components['schemas']['SettingsInput'] & { force?: boolean }
export type SettingsPreview = components['schemas']['SettingsPreview']
export type Rotation = components['schemas']['Rotation']

export type AuthProvider = components['schemas']['AuthProvider']
export type PreviewedPage = components['schemas']['PreviewPageBody']['page']
export type PagePreview = components['schemas']['PagePreview']
export type BrandImage = components['schemas']['BrandImage']
export type Captcha = NonNullable<components['schemas']['CaptchaSetting']['captcha']>

/** `oidc:<name>` is a provider of the project's own. */
export type AuthProviderName = 'google' | 'github' | 'microsoft' | 'apple' | 'gitlab' | `oidc:${string}`

type RotationPlan = components['schemas']['RotationPlan']

/** Managed auth of a project: `portico.projects.auth`. */
export class ProjectAuth {
  /** Clients at Google, GitHub and the like. Secrets are written and never read. To turn a provider on, name it in `settings.providers`. */
  readonly providers: {
    list(projectId: string, options?: CallOptions): Promise<AuthProvider[]>
    get(projectId: string, provider: AuthProviderName, options?: CallOptions): Promise<AuthProvider>
    /** Without `clientSecret` the stored one stays. */
    set(
      projectId: string,
      provider: AuthProviderName,
      client: components['schemas']['SetProviderBody'],
      options?: CallOptions,
    ): Promise<AuthProvider>
    /** `users_stranded` when it is people's only way in, unless `force`. */
    remove(projectId: string, provider: AuthProviderName, options?: CallOptions & { force?: boolean }): Promise<AuthProvider>
    /** Asks the provider whether it knows this client. Throws `provider_test_failed` with the field in `details`. */
    test(projectId: string, provider: AuthProviderName, options?: CallOptions): Promise<{ ok: true; provider: string; issuer: string }>
  }
  /** The captcha of sign-up, log-in, reset and sign-in mails; `null` when there is none. */
  readonly captcha: {
    get(projectId: string, options?: CallOptions): Promise<Captcha | null>
    /** `secret` may be left out while the site key stays the same. */
    set(projectId: string, captcha: components['schemas']['SetCaptchaBody'], options?: CallOptions): Promise<Captcha | null>
    remove(projectId: string, options?: CallOptions): Promise<void>
  }
  /** The logo and the icon of its pages and mails: PNG or JPEG, at most 256 KB, served at `{authUrl}/branding/{name}`. */
  readonly branding: {
    setImage(projectId: string, kind: 'logo' | 'icon', bytes: Uint8Array, options?: CallOptions): Promise<BrandImage>
    removeImage(projectId: string, kind: 'logo' | 'icon', options?: CallOptions): Promise<void>
  }
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
    const image = (projectId: string, kind: string) => ['projects', projectId, 'auth', 'branding', kind]
    this.branding = {
      setImage: (projectId, kind, bytes, options) =>
        this.#send({ method: 'PUT', path: image(projectId, kind), body: { data: base64(bytes) } }, options),
      removeImage: async (projectId, kind, options) => void (await this.#send({ method: 'DELETE', path: image(projectId, kind) }, options)),
    }
    const providers = (projectId: string, ...rest: string[]) => ['projects', projectId, 'auth', 'providers', ...rest]
    this.providers = {
      list: (projectId, options) => this.#send({ method: 'GET', path: providers(projectId) }, options),
      get: (projectId, provider, options) => this.#send({ method: 'GET', path: providers(projectId, provider) }, options),
      set: (projectId, provider, client, options) =>
        this.#send({ method: 'PUT', path: providers(projectId, provider), body: client }, options),
      remove: (projectId, provider, { force, ...options } = {}) =>
        this.#send(
          { method: 'DELETE', path: providers(projectId, provider), ...(force === undefined ? {} : { query: { force } }) },
          options,
        ),
      test: (projectId, provider, options) => this.#send({ method: 'POST', path: providers(projectId, provider, 'test') }, options),
    }
    const captcha = (projectId: string) => ['projects', projectId, 'auth', 'captcha']
    this.captcha = {
      get: async (projectId, options) =>
        (await this.#send<components['schemas']['CaptchaSetting']>({ method: 'GET', path: captcha(projectId) }, options)).captcha,
      set: async (projectId, body, options) =>
        (await this.#send<components['schemas']['CaptchaSetting']>({ method: 'PUT', path: captcha(projectId), body }, options)).captcha,
      remove: async (projectId, options) => void (await this.#send({ method: 'DELETE', path: captcha(projectId) }, options)),
    }
  }

  /**
   * Turns auth on. Repeating it changes the given settings and leaves the secret as it is. The secret is not part of the answer: instances
   * get it when they boot, and `portico.runtimeEnv.get` answers it to a key with the scope `env:read`.
   */
  enable(projectId: string, settings: AuthSettingsPatch = {}, options?: CallOptions): Promise<AuthService> {
    return this.#send({ method: 'POST', path: ['projects', projectId, 'auth'], body: settings }, options)
  }

  get(projectId: string, options?: CallOptions): Promise<AuthService> {
    return this.#send({ method: 'GET', path: ['projects', projectId, 'auth'] }, options)
  }

  /** Changes the given settings only; `null` restores a default. */
  update(projectId: string, settings: AuthSettingsPatch, options?: CallOptions): Promise<AuthService> {
    return this.#send({ method: 'PATCH', path: ['projects', projectId, 'auth'], body: settings }, options)
  }

  /** What the change would do to people, sessions and instances that are there. Nothing is changed. */
  preview(projectId: string, settings: AuthSettingsPatch, options?: CallOptions): Promise<SettingsPreview> {
    return this.#send({ method: 'PATCH', path: ['projects', projectId, 'auth'], query: { dryRun: true }, body: settings }, options)
  }

  /** Turns auth off. Users and secret are kept for the next `enable`. */
  disable(projectId: string, options?: CallOptions): Promise<AuthService> {
    return this.#send({ method: 'DELETE', path: ['projects', projectId, 'auth'] }, options)
  }

  /**
   * Staged when no mode is given: the new secret signs only once no live instance is left that does not know it, or at a deadline.
   * `immediate`, for a secret that leaked: tokens signed with the old one are invalid at once, and the answer says who will break.
   */
  async rotateSecret(
    projectId: string,
    rotation: components['schemas']['RotateSecretBody'] = {},
    options?: CallOptions,
  ): Promise<Rotation> {
    const plan = await this.#send<RotationPlan>(
      { method: 'POST', path: ['projects', projectId, 'auth', 'secret', 'rotate'], body: rotation },
      options,
    )
    return plan.rotation as Rotation
  }

  /** The rotation under way: whom it waits for, and when it switches at the latest. `null` when there is none. */
  async rotation(projectId: string, options?: CallOptions): Promise<Rotation | null> {
    return (await this.#send<RotationPlan>({ method: 'GET', path: ['projects', projectId, 'auth', 'secret', 'rotation'] }, options))
      .rotation
  }

  /** Ends the waiting: the next secret signs from now on. Restart the instances in `restartAfterSwitch` right after. */
  async switchRotation(projectId: string, options?: CallOptions): Promise<Rotation> {
    const plan = await this.#send<RotationPlan>(
      { method: 'POST', path: ['projects', projectId, 'auth', 'secret', 'rotation', 'switch'] },
      options,
    )
    return plan.rotation as Rotation
  }

  /** Stops a rotation that has not switched yet. */
  async cancelRotation(projectId: string, options?: CallOptions): Promise<void> {
    await this.#send({ method: 'DELETE', path: ['projects', projectId, 'auth', 'secret', 'rotation'] }, options)
  }

  /** Where a hosted page can be seen as it would look with a branding that is not saved; for ten minutes. */
  previewPage(
    projectId: string,
    preview: components['schemas']['PreviewPageBody'],
    options?: CallOptions,
  ): Promise<PagePreview> {
    return this.#send({ method: 'POST', path: ['projects', projectId, 'auth', 'pages', 'preview'], body: preview }, options)
  }

  async #send<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}

/** In parts: as arguments of one call a picture would be too many. */
function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}
