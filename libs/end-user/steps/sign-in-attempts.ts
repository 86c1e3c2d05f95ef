import type { Caller } from '../caller.js'

export type SignInMethod =
  | 'password' | 'sign_up' | 'email_otp' | 'magic_link' | 'recovery_link' | 'invitation' | 'passkey' | 'second_factor' | 'exchange_code'
  | 'provider' | 'sso' | 'oidc' | 'saml'

/** One try to get in, whatever became of it. */
export interface SignInAttempt {
  projectId: string
  method: SignInMethod
  /**
   * `proven`: an identity provider vouched, and the app has yet to fetch the session. `second_factor`: the first factor was right and
   * another is wanted.
   */
  outcome: 'succeeded' | 'proven' | 'second_factor' | 'refused'
  /** The code of a refusal. */
  reason?: string
  userId: string | null
  /** Normalised, of a refusal; what of it is kept is the choice of who runs the installation. */
  address?: string
  /** Which single sign-on connection, or provider. */
  connection?: string
  caller: Caller
}

/** Who hears of every attempt: log, metrics and traces. */
export interface SignInAttempts {
  note(attempt: SignInAttempt): void
  /** What of a refused address an audit row keeps, as the installation wants it. */
  keptOf(projectId: string, address: string): Readonly<Record<string, string>>
}

/** What a session began with, by what its tokens say of it (RFC 8176). */
export function methodOf(amr: readonly string[]): SignInMethod {
  const first = METHODS.find(([value]) => amr.includes(value))
  return first ? first[1] : 'passkey'
}

const METHODS: readonly (readonly [string, SignInMethod])[] = [
  ['sso', 'sso'],
  ['fed', 'provider'],
  ['pwd', 'password'],
  ['email', 'magic_link'],
  ['hwk', 'passkey'],
  ['swk', 'passkey'],
  ['otp', 'email_otp'],
]
