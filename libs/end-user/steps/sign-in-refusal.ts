import { AuthError } from '@portico/kernel/auth-error'

/** What a redirect back to the app says in `error` when there is no code (RFC 6749, 4.1.2.1, and codes of our own). */
export type SignInRefusalCode =
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'provider_not_enabled'
  | 'email_missing'
  | 'email_not_verified'
  | 'email_taken'
  | 'email_not_confirmed'
  | 'email_domain_not_allowed'
  | 'signups_disabled'
  | 'identity_taken'
  | 'identity_not_linked'
  | 'second_factor_required'
  | 'invalid_or_expired_token'

const REFUSAL_TEXTS: Readonly<Record<SignInRefusalCode, string>> = {
  access_denied: 'The sign-in was refused.',
  server_error: 'The provider is not set up correctly, or its answer could not be trusted.',
  temporarily_unavailable: 'The provider does not answer at the moment.',
  provider_not_enabled: 'This way to sign in is turned off.',
  email_missing: 'The provider gave no email address.',
  email_not_verified: 'The provider does not vouch for the email address.',
  email_taken: 'An account with this email address exists. Sign in to it and link the provider there.',
  email_not_confirmed: 'An account with this email address exists but its address is not confirmed. A mail is on its way to its owner.',
  email_domain_not_allowed: 'Addresses of this domain cannot sign up here.',
  signups_disabled: 'This app does not accept sign-ups.',
  identity_taken: 'This account of the provider belongs to another user.',
  identity_not_linked: 'This account of the provider is not the one that the link is for. Open the link again and choose the other account.',
  second_factor_required: 'This account has a second factor. Open the link in the app, where you are signed in.',
  invalid_or_expired_token: 'The link is invalid, was already used, or has expired.',
}

/** A sign-in with a provider that ends without a session; the browser is told on the way back. */
export class SignInRefusal extends Error {
  constructor(
    readonly code: SignInRefusalCode,
    options?: { cause?: unknown },
  ) {
    super(REFUSAL_TEXTS[code], options)
    this.name = 'SignInRefusal'
  }
}

/** What the app said no to, or did not answer: on the way back to it there is one word for each. */
export function refusedByApp(error: unknown): never {
  if (error instanceof AuthError && error.code === 'refused_by_app') throw new SignInRefusal('access_denied')
  if (error instanceof AuthError && error.code === 'unavailable') throw new SignInRefusal('temporarily_unavailable', { cause: error })
  throw error
}
