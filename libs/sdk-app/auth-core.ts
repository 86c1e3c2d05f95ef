import type { AuthCall } from './connection.js'
import type { components } from './generated.js'
import type { MfaEnrolmentRequired, Session, SessionAnswer, SignInResult, User } from './session.js'
import type { AuthStorage } from './storage.js'

export interface AuthClientOptions {
  /** The project's `AUTH_URL`. */
  url: string
  /**
   * Cookie mode when `include`: the refresh token travels in a cookie that no script can read (project setting `refresh_token_transport:
   * cookie`), and the access token is kept in memory unless you give a storage.
   */
  credentials?: 'omit' | 'include'
  /** `localStorage` when absent, memory where there is none. */
  storage?: AuthStorage
  storageKey?: string
  /** Refreshes before the access token expires; on when absent. */
  autoRefresh?: boolean
  /** Origins, such as `https://api.app.example`, that `auth.fetch` may send the token to, beside the page's own. */
  tokenOrigins?: readonly string[]
  /** For one request, in milliseconds; 15,000 when absent. */
  timeoutMs?: number
  fetch?: typeof globalThis.fetch
}

export type Credentials = components['schemas']['LogInBody']
/** `metadata` is anything the app wants to keep about the user; the user can read and change it. */
export type SignUp = components['schemas']['SignUpBody']
/** What an access token says. */
export type Claims = components['schemas']['Claims']
/** Who a token is about, as the server knows them now. */
export type VerifiedUser = components['schemas']['Verified']['user']
export type ListedSession = components['schemas']['SessionList']['data'][number]

export type SignUpResult =
  | { confirmationRequired: false; session: Session; user: User }
  /** A mail is on its way, or the address had an account before: both look the same. */
  | { confirmationRequired: true; session: null; user: null }
  /** The project requires a second factor of every user: there is no session before one is set up with the `mfaToken`. */
  | ({ confirmationRequired: false; session: null; user: null } & MfaEnrolmentRequired)

/** What further ways to sign in are built on: `magicLink(auth)`, `passkeys(auth)` and the like take a client and use its core. */
export interface AuthCore {
  readonly url: string
  /** One call without a token. */
  send<T>(call: AuthCall): Promise<T>
  /** One call as the signed-in user, with a fresh token, repeated once when the token is refused. */
  sendAuthorized<T>(call: AuthCall): Promise<T>
  /** Signs in with a session answer. */
  startSession(answer: SessionAnswer): Promise<Session>
  /** One call that may sign in: starts the session, or passes on which second factor is missing. */
  signIn(call: AuthCall): Promise<SignInResult>
  /** Takes over the new access token of the session that is going on, such as after a second factor. */
  raiseSession(answer: SessionAnswer): Promise<Session>
  /** Outlives the page, in cookie mode too: for what must be found again after a redirect. */
  readonly storage: AuthStorage
  readonly storageKey: string
}
