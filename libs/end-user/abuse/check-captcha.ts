import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import type { Caller } from '../caller.js'
import { findProviderSecret } from '../records/provider-config.store.js'

/** Under this name the secret stands among those of the providers. */
const CAPTCHA_SECRET = 'captcha'

const VERIFY_URLS = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
} as const
const MAX_TOKEN = 8_192
// The provider does not know us, or says that it is broken: not the caller's doing.
const OUR_FAULT =
  /^(missing-input-secret|invalid-input-secret|invalid-or-already-seen-secret|sitekey-secret-mismatch|bad-request|internal-error)$/

/** Asks the project's captcha provider about a token. Fails closed: a provider that does not answer is `unavailable`, never «solved». */
export class CheckCaptcha {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly http: GuardedHttp,
    /** For tests; `null`: the provider's own. */
    private readonly verifyUrl: string | null,
  ) {}

  /** Throws `captcha_failed` or `unavailable`. */
  async execute(project: ProjectRecord, token: string | null, caller: Caller): Promise<void> {
    const { captcha } = project.settings
    if (captcha === null) return
    if (token === null || token === '' || token.length > MAX_TOKEN) throw new AuthError('captcha_failed')
    const secret = await findProviderSecret(this.db, this.box, project, CAPTCHA_SECRET)
    if (secret === null) throw new AuthError('unavailable', { cause: new Error('the project asks for a captcha and has no secret for it') })
    const answer = await this.#ask(project, this.verifyUrl ?? VERIFY_URLS[captcha.provider], {
      secret,
      response: token,
      ...(caller.ip !== null && { remoteip: caller.ip }),
      ...(captcha.provider === 'hcaptcha' && { sitekey: captcha.site_key }),
    })
    if (answer['success'] === true) return
    const codes = Array.isArray(answer['error-codes']) ? answer['error-codes'].map(String) : []
    if (answer['success'] !== false || codes.some((code) => OUR_FAULT.test(code))) {
      throw new AuthError('unavailable', { cause: new Error('the captcha provider refused our call') })
    }
    throw new AuthError('captcha_failed')
  }

  async #ask(project: ProjectRecord, url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
    try {
      // Shares of their own: a sign-in provider of the project that hangs must not take the captcha with it.
      const { projectId, tenantId } = project.scope
      return await this.http.within({ project: `${projectId} captcha`, tenant: `${tenantId} captcha` }, async (fetch) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(form).toString(),
        })
        const body: unknown = await response.json()
        if (response.status >= 500 || typeof body !== 'object' || body === null) throw new Error(`siteverify answered ${response.status}`)
        return body as Record<string, unknown>
      })
    } catch (error) {
      throw new AuthError('unavailable', { cause: error, retryAfterSeconds: 5 })
    }
  }
}
