import type { components } from './generated.js'

export type User = components['schemas']['User']

/** A signed-in user and the tokens that prove it. */
export interface Session {
  /** A JWT, for `Authorization: Bearer …`. */
  accessToken: string
  /** `null` when it travels in a cookie that scripts cannot read. */
  refreshToken: string | null
  tokenType: 'Bearer'
  /** Lifetime of the access token when it was issued, in seconds. */
  expiresIn: number
  /** When the access token expires, by the server's clock. */
  expiresAt: string
  userId: string
  user: User
}

/** A session as it is stored: with the local time at which its access token goes stale, since the device's clock may be wrong. */
export interface KeptSession extends Session {
  localExpiry: number
}

/** The data plane's session answer, keys in camelCase. */
export type SessionAnswer = components['schemas']['Session']

export type MfaRequired = components['schemas']['MfaRequired']
export type MfaEnrolmentRequired = components['schemas']['MfaEnrolmentRequired']

/**
 * What a way to sign in leads to. A session; or `mfaRequired`: there is no session before `mfa(auth).verify` or
 * `passkeys(auth).authenticate` was given the `mfaToken` and one of `factors`; or `mfaEnrolmentRequired`: the project wants a second factor
 * and this user has none yet, so `mfa(auth).enrolTotp` and `activate`, or `passkeys(auth).register`, take the `mfaToken`. It is good for
 * `expiresIn` seconds.
 */
export type SignInResult =
  | (Session & { mfaRequired?: false; mfaEnrolmentRequired?: false })
  | (MfaRequired & { mfaEnrolmentRequired?: false })
  | (MfaEnrolmentRequired & { mfaRequired?: false })

/** As the server answers it. */
export type SignInAnswer = SessionAnswer | MfaRequired | MfaEnrolmentRequired

export function keepSession(answer: SessionAnswer): KeptSession {
  return {
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken ?? null,
    tokenType: 'Bearer',
    expiresIn: answer.expiresIn,
    expiresAt: answer.expiresAt,
    userId: answer.userId,
    user: answer.user,
    localExpiry: Date.now() + answer.expiresIn * 1000,
  }
}

export function isSessionAnswer(answer: object): answer is SessionAnswer {
  return typeof (answer as Partial<SessionAnswer>).accessToken === 'string'
}

/** `null` for anything that is not a stored session of ours. */
export function parseSession(text: string | null): KeptSession | null {
  try {
    const session = JSON.parse(text ?? '') as KeptSession | null
    return session && typeof session.accessToken === 'string' && typeof session.localExpiry === 'number' ? session : null
  } catch {
    return null
  }
}

const CLOCK_SLACK_MS = 5_000

/**
 * Tells how old a session is when the device's clock may jump. Moved forward it makes the session due too early, which costs a refresh;
 * moved back it would keep a dead token, so the time that has passed by the clock that cannot be set counts too.
 */
export class SessionAge {
  #seenAt = performance.now()
  #ageThen: number

  constructor(private readonly session: KeptSession) {
    this.#ageThen = this.#byClock()
  }

  isDue(): boolean {
    return this.dueInMs() <= 0
  }

  isOver(): boolean {
    return this.#age() >= this.session.expiresIn * 1_000
  }

  /** A minute before its end, or a fifth of a short token's life. */
  dueInMs(): number {
    const { expiresIn } = this.session
    return Math.max(0, expiresIn * 1_000 - Math.min(60_000, expiresIn * 200) - this.#age())
  }

  #age(): number {
    const byClock = this.#byClock()
    // Younger than it can be: the clock was moved back since, and by how much nobody knows.
    if (byClock < -CLOCK_SLACK_MS) return Infinity
    return Math.max(byClock, this.#ageThen + performance.now() - this.#seenAt)
  }

  #byClock(): number {
    return Date.now() - (this.session.localExpiry - this.session.expiresIn * 1_000)
  }
}

/** `passwordRemoved`: nothing showed that the password is the confirmer's. */
export interface ConfirmedAddress {
  user: User
  passwordRemoved?: true
}

const ages = new WeakMap<KeptSession, SessionAge>()

/** Counted from the first time that this object was looked at. */
export function ageOf(session: KeptSession): SessionAge {
  const age = ages.get(session) ?? new SessionAge(session)
  ages.set(session, age)
  return age
}
