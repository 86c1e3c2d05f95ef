import type { AuthClientOptions, AuthCore, Claims, Credentials, ListedSession, SignUp, SignUpResult, VerifiedUser } from './auth-core.js'
import { type AuthCall, Connection } from './connection.js'
import type { components } from './generated.js'
import { beginFlow, DAY_MS, peekFlow } from './one-time-flow.js'
import { isPorticoAuthError } from './portico-auth-error.js'
import type { ConfirmedAddress, MfaEnrolmentRequired, Session, SessionAnswer, SignInAnswer, SignInResult, User } from './session.js'
import { isSessionAnswer } from './session.js'
import type { AuthEvent } from './session-change.js'
import { SessionKeeper } from './session-keeper.js'
import { defaultStorage, forgivingStorage, memoryStorage } from './storage.js'
import { pageOrigin, publicSession } from './token-use.js'
import { type UserCalls, userCalls } from './user-calls.js'

// The newest sign-up of this browser counts, for as long as a link is good.
const SIGN_UP = 'sign_up'

/** Signs people in and keeps them so. One per page or process; sessions are shared between tabs. */
export class AuthClient {
  readonly core: AuthCore
  /** Where the user is signed in. */
  readonly sessions: { list(): Promise<ListedSession[]>; end(sessionId: string): Promise<void>; endAll(): Promise<void> }
  readonly #connection: Connection
  readonly #keeper: SessionKeeper
  readonly #calls: UserCalls

  constructor(options: AuthClientOptions) {
    if (!URL.canParse(options.url)) throw new TypeError('createAuthClient({ url }) needs the AUTH_URL of the project.')
    const url = options.url.replace(/\/+$/, '')
    const cookieMode = options.credentials === 'include'
    const request = options.fetch ?? ((input, init) => fetch(input, init))
    const storageKey = options.storageKey ?? `portico.auth:${url}`
    const lasting = forgivingStorage(options.storage ?? defaultStorage())
    this.#connection = new Connection(url, cookieMode ? 'include' : 'omit', options.timeoutMs ?? 15_000, request)
    this.#keeper = new SessionKeeper({
      connection: this.#connection,
      storage: cookieMode && !options.storage ? memoryStorage() : lasting,
      storageKey,
      cookieMode,
      autoRefresh: options.autoRefresh ?? true,
    })
    const tokenOrigins = [new URL(url).origin, ...pageOrigin(), ...(options.tokenOrigins ?? [])]
    this.#calls = userCalls(this.#connection, this.#keeper, tokenOrigins, request)
    this.fetch = this.#calls.fetch
    this.core = {
      url,
      send: (call) => this.#connection.send(call),
      sendAuthorized: (call) => this.#calls.send(call),
      startSession: async (answer) => publicSession(await this.#keeper.keep(answer, 'SIGNED_IN')),
      signIn: async (call) => {
        const answer = await this.#connection.send<SignInAnswer>(call)
        return isSessionAnswer(answer) ? this.core.startSession(answer) : answer
      },
      raiseSession: async (answer) => publicSession(await this.#keeper.raise(answer)),
      storage: lasting,
      storageKey,
    }
    this.sessions = {
      list: async () => (await this.#calls.send<{ data: ListedSession[] }>({ method: 'GET', path: '/sessions' })).data,
      end: (sessionId) => this.#calls.send({ method: 'DELETE', path: `/sessions/${encodeURIComponent(sessionId)}` }),
      endAll: async () => {
        const { userId } = await this.#calls.sendAs({ method: 'DELETE', path: '/sessions' })
        await this.#keeper.clear(userId)
      },
    }
  }

  /** Throws `email_taken`, `weak_password`, `signups_disabled`, `validation_error`. */
  async signUp(input: SignUp): Promise<SignUpResult> {
    // Where the link is confirmed in this browser, it shows that the password is this person's. Without https there is no `crypto.subtle`.
    const proof = globalThis.crypto?.subtle && (await beginFlow(this.core, SIGN_UP, 'sign_up', DAY_MS))
    const body = { ...input, ...proof }
    const answer = await this.core.send<SessionAnswer | components['schemas']['ConfirmationRequired'] | MfaEnrolmentRequired>({
      method: 'POST',
      path: '/signup',
      body,
    })
    if ('mfaEnrolmentRequired' in answer) return { confirmationRequired: false, session: null, user: null, ...answer }
    if (!isSessionAnswer(answer)) return { confirmationRequired: true, session: null, user: null }
    const session = await this.core.startSession(answer)
    return { confirmationRequired: false, session, user: session.user }
  }

  /**
   * A session, or what is missing for one: see `SignInResult`. Throws `invalid_credentials`, `captcha_failed`, or `email_not_confirmed`
   * after a right password. That this device has signed in before (`device_token`) is shown by a cookie in cookie mode, and not otherwise.
   */
  logIn(input: Credentials): Promise<SignInResult> {
    return this.core.signIn({ method: 'POST', path: '/login', body: input })
  }

  /** Sets the first password of an invited user, with the token of the mailed link. Throws `invalid_or_expired_token`, `weak_password`. */
  acceptInvitation(input: components['schemas']['AcceptInvitationBody']): Promise<SignInResult> {
    return this.core.signIn({ method: 'POST', path: '/invitation/accept', body: input })
  }

  /** With the token of a recovery mail, in a project without passwords. Ends every other session. Throws `invalid_or_expired_token`. */
  confirmRecovery(input: components['schemas']['ConfirmRecoveryBody']): Promise<SignInResult> {
    return this.core.signIn({ method: 'POST', path: '/recovery/confirm', body: input })
  }

  /**
   * Signs out here (`local`), everywhere (`global`), or everywhere else (`others`). Here it takes effect at once and without a network;
   * what is thrown afterwards says only that the server could not be told.
   */
  async logOut({ scope = 'local' }: { scope?: 'local' | 'global' | 'others' } = {}): Promise<void> {
    const call: AuthCall = { method: 'POST', path: `/logout?scope=${scope}`, keepalive: true }
    if (scope === 'others') return void (await this.#calls.send(call))
    // Ending every session takes a good token; ending this one takes either of the two.
    const asking = scope === 'global' ? this.#keeper.fresh().catch((error: unknown) => error as Error) : this.#keeper.sync()
    const session = await asking
    await this.#keeper.clear()
    if (session instanceof Error) {
      if (isPorticoAuthError(session, 'not_signed_in')) return
      throw session
    }
    try {
      if (session && !this.#keeper.isOver(session)) await this.#connection.send(call, session.accessToken)
      else if (session?.refreshToken) await this.#connection.send({ ...call, body: { refreshToken: session.refreshToken } })
      else if (this.#connection.credentials === 'include') await this.#connection.send(call)
    } catch (error) {
      // Over already, which is what was wanted.
      if (!isPorticoAuthError(error) || error.status !== 401) throw error
    }
  }

  /** The session, refreshed when due; `null` when no user is signed in. Without a network it is answered as it is, stale token and all. */
  async getSession(): Promise<Session | null> {
    try {
      return publicSession(await this.#keeper.fresh())
    } catch (error) {
      const session = isPorticoAuthError(error, 'not_signed_in') ? null : await this.#keeper.sync()
      return session && publicSession(session)
    }
  }

  /** New tokens at once, due or not. Throws `not_signed_in`, or why there are none: then the session stays as it is. */
  async refreshSession(): Promise<Session> {
    return publicSession(await this.#keeper.renew())
  }

  /** The user as the server knows them now. Throws `not_signed_in`. */
  async getUser(): Promise<User> {
    const { user } = await this.#calls.send<{ user: User }>({ method: 'GET', path: '/user' })
    // Confirmed or changed meanwhile, on a page of ours or another device: the token would go on saying the old address.
    await this.#keeper.replaceUser(user, true)
    return user
  }

  /** Merges `metadata` one level deep; a `null` removes a key. */
  async updateUser(change: components['schemas']['UpdateUserBody']): Promise<User> {
    const { user } = await this.#calls.send<{ user: User }>({ method: 'PATCH', path: '/user', body: change })
    await this.#keeper.replaceUser(user)
    return user
  }

  /** Ends the user's other sessions. */
  async changePassword(input: components['schemas']['ChangePasswordBody']): Promise<void> {
    const answer = await this.#calls.send<object>({ method: 'POST', path: '/password', body: input })
    if (isSessionAnswer(answer) && (await this.#keeper.sync())?.userId === answer.userId) await this.#keeper.keep(answer, 'TOKEN_REFRESHED')
  }

  /** Mails the new address a link; the change happens when it is followed. Without the password the log-in must be fresh. */
  async changeEmail(input: components['schemas']['RequestEmailChangeBody']): Promise<void> {
    await this.#calls.send({ method: 'POST', path: '/email/change', body: input })
  }

  /** Deletes the account. Without the password the log-in must be fresh, else `reauthentication_required`. */
  async deleteUser(input: components['schemas']['DeleteUserBody'] = {}): Promise<void> {
    const { userId } = await this.#calls.sendAs({ method: 'DELETE', path: '/user', body: input })
    await this.#keeper.clear(userId)
  }

  /** Mails a link to set a new password with. The same answer whether the address is known or not. */
  resetPassword(input: components['schemas']['RequestPasswordResetBody']): Promise<components['schemas']['MailAccepted']> {
    return this.core.send({ method: 'POST', path: '/password-reset', body: input })
  }

  /** With the token of the mailed link. Ends every session and starts none. Throws `invalid_or_expired_token`. */
  async confirmPasswordReset(input: components['schemas']['ConfirmPasswordResetBody']): Promise<void> {
    await this.core.send({ method: 'POST', path: '/password-reset/confirm', body: input })
    await this.#keeper.sync()
  }

  /**
   * With the token of the mailed link, or the address and the code. A signed-in user's session goes with it: it shows that what is on the
   * account is theirs, and a change of address needs it (or `password`). Throws `invalid_or_expired_token`. `passwordRemoved`: nothing
   * showed that the password is this person's, as in another browser than that of the sign-up; offer `resetPassword`.
   */
  async confirmEmail(input: components['schemas']['ConfirmEmailBody']): Promise<User & { passwordRemoved: true | undefined }> {
    const flow = await peekFlow(this.core, SIGN_UP)
    const call = { method: 'POST', path: '/email/confirm', body: { ...input, codeVerifier: flow?.verifier } } as const
    const { user, passwordRemoved } = await ((await this.getSession())
      ? this.#calls.send<ConfirmedAddress>(call)
      : this.core.send<ConfirmedAddress>(call))
    await this.#keeper.replaceUser(user)
    return { ...user, passwordRemoved }
  }

  /** The same answer whether the address is known or not. */
  resendConfirmation(input: components['schemas']['ResendConfirmationBody']): Promise<components['schemas']['MailAccepted']> {
    return this.core.send({ method: 'POST', path: '/email/resend', body: input })
  }

  /** Asks the server whether a token is good and its session still lives; the signed-in user's own when none is given. */
  async verify(token?: string): Promise<{ valid: true; claims: Claims; userId: string; user: VerifiedUser } | { valid: false }> {
    try {
      const checked = token ?? (await this.#keeper.fresh()).accessToken
      const { claims, userId, user } = await this.core.send<components['schemas']['Verified']>({
        method: 'POST',
        path: '/verify',
        body: { token: checked },
      })
      return { valid: true, claims, userId, user }
    } catch (error) {
      if (isPorticoAuthError(error) && error.status === 401) return { valid: false }
      throw error
    }
  }

  /**
   * Told of every change, also those made in other tabs, and first of the session that there is (`INITIAL_SESSION`, `null` when nobody is
   * signed in). Answers how to stop.
   */
  onAuthStateChange(listener: (event: AuthEvent, session: Session | null) => void): () => void {
    return this.#keeper.listen((event, session) => listener(event, session && publicSession(session)))
  }

  /**
   * `fetch` with the user's access token, renewed and tried once more when it is refused. Only for the page's own origin and
   * `tokenOrigins`: a token sent elsewhere is a token given away.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>

  /** Stops timers and listeners; the stored session stays. */
  close(): void {
    this.#keeper.close()
  }
}

export function createAuthClient(options: AuthClientOptions): AuthClient {
  return new AuthClient(options)
}

export type { AuthClientOptions, AuthCore, Claims, Credentials, ListedSession, SignUp, SignUpResult, VerifiedUser } from './auth-core.js'
export { isPorticoAuthError, PorticoAuthError } from './portico-auth-error.js'
export type { FieldProblem, LocalErrorCode, PorticoAuthErrorCode } from './portico-auth-error.js'
export type { AuthCall } from './connection.js'
export type { MfaEnrolmentRequired, MfaRequired, Session, SessionAnswer, SignInResult, User } from './session.js'
export type { AuthEvent } from './session-change.js'
export { type AuthStorage, memoryStorage } from './storage.js'
