import type { AuthClient } from './auth-client.js'
import type { components } from './generated.js'
import { beginFlow, DAY_MS, hasFlow, takeFlow } from './one-time-flow.js'
import { readAnswer } from './page-answer.js'
import type { SignInResult } from './session.js'

export interface SendMagicLink {
  email: string
  /** Where the link leads: exactly one of the project's redirect URLs. Its site when absent. */
  redirectTo?: string
  /** Whether an unknown address may make an account; `true` when absent. */
  createUser?: boolean
  captchaToken?: string
  /**
   * The link signs in only in this browser: it leads to a page of the auth service, whose button comes back here with a code that is worth
   * nothing elsewhere. Scanners of mail cannot spend it.
   */
  sameBrowser?: boolean
}

export interface MagicLink {
  /** Mails a link. The same answer whether the address is known or not. Throws `provider_not_enabled`, `captcha_failed`. */
  send(input: SendMagicLink): Promise<components['schemas']['MailAccepted']>
  /**
   * On the page that the link leads to: signs in with what its address carries, and takes it out of the address bar. `null` when it carries
   * nothing of a mailed sign-in link; what it carries for others stays. Elsewhere, give the address, or the token. Throws
   * `invalid_or_expired_token`, `flow_not_found`.
   */
  confirm(from?: string | URL | { token: string }): Promise<SignInResult | null>
}

// A link has no state to tell flows apart: the newest counts, like the newest mail.
const STATE = 'magic_link'

/** Signing in with a mailed link, for projects with the provider `magic_link`. */
export function magicLink({ core }: AuthClient): MagicLink {
  const spend = (token: string) => core.signIn({ method: 'POST', path: '/magic-link/confirm', body: { token } })
  return {
    async send({ sameBrowser, ...body }) {
      const proof = sameBrowser && (await beginFlow(core, STATE, 'sign_in', DAY_MS))
      return core.send({ method: 'POST', path: '/magic-link', body: { ...body, ...proof } })
    },
    async confirm(from) {
      if (typeof from === 'object' && 'token' in from) return spend(from.token)
      const link = readAnswer(from, ['type', 'token'])
      const token = link.get('token')
      if (token !== null && link.get('type') === 'magic_link') {
        link.take()
        return spend(token)
      }
      const answer = readAnswer(from, ['code'])
      const code = answer.get('code')
      // On the page's own address a code may be for another library: ours stands last, and only where a link was asked for here.
      if (code === null || (from === undefined && !(answer.isLast('code') && (await hasFlow(core, STATE))))) return null
      answer.take()
      const { verifier } = await takeFlow(core, STATE)
      return core.signIn({ method: 'POST', path: '/token/exchange', body: { code, codeVerifier: verifier } })
    },
  }
}
