import type { AuthClient } from './auth-client.js'
import type { components } from './generated.js'
import type { SignInResult } from './session.js'

export interface EmailCode {
  /** Mails six digits. The same answer whether the address is known or not. Throws `provider_not_enabled`, `captcha_failed`. */
  send(input: components['schemas']['RequestEmailCodeBody']): Promise<components['schemas']['MailAccepted']>
  /** Throws `invalid_or_expired_token`: codes are good for ten minutes, five guesses and one sign-in. */
  verify(input: components['schemas']['VerifyEmailCodeBody']): Promise<SignInResult>
}

/** Signing in with a mailed code, for projects with the provider `email_otp`. */
export function emailCode({ core }: AuthClient): EmailCode {
  return {
    send: (input) => core.send({ method: 'POST', path: '/email/start', body: input }),
    verify: (input) => core.signIn({ method: 'POST', path: '/email/verify', body: input }),
  }
}
