import { backoffMs, pause } from './backoff.js'
import type { Connection } from './connection.js'
import { isPorticoAuthError, PorticoAuthError } from './portico-auth-error.js'
import { inOneTab } from './refresh-lock.js'
import { type KeptSession, keepSession, parseSession, refreshDueAt, type SessionAnswer } from './session.js'
import type { AuthStorage } from './storage.js'

export type AuthEvent = 'SIGNED_IN' | 'SIGNED_OUT' | 'TOKEN_REFRESHED' | 'USER_UPDATED'
export type AuthListener = (event: AuthEvent, session: KeptSession | null) => void

export interface KeeperOptions {
  connection: Connection
  storage: AuthStorage
  storageKey: string
  cookieMode: boolean
  autoRefresh: boolean
}

const LONGEST_RETRY_MS = 60_000
const QUICK_TRIES = 3
// All quick tries begin within 20 s (two waits of 2 s between them): inside the grace time of the server, which is 30 s unless a project
// changed it. Later ones are allowed too, as long as nobody used the answer that was lost and the user agent is the same.
const REFRESH_TIMEOUT_MS = 8_000
// Node and browsers hold a timer's delay in 31 bits; a longer one fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Keeps the one session: in storage, in step with other tabs, and fresh. It ends here only when a refresh is answered with 401
 * `session_ended` or `invalid_token`: being offline, 429 and 5xx change nothing.
 */
export class SessionKeeper {
  readonly #options: KeeperOptions
  readonly #listeners = new Set<AuthListener>()
  readonly #cleanUp: (() => void)[] = []
  #session: KeptSession | null = null
  /** What the storage held when last seen; `undefined` before the first look. */
  #text: string | null | undefined
  #refreshing: Promise<KeptSession | null> | undefined
  #recovery: Promise<unknown> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #channel: BroadcastChannel | undefined
  #closed = false

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#watch()
  }

  /** The session in storage now. In cookie mode the first call asks the server, as only it can read the cookie. */
  async load(): Promise<KeptSession | null> {
    const session = await this.sync()
    if (session || !this.#options.cookieMode) return session
    this.#recovery ??= this.refresh().catch((error: unknown) => {
      this.#recovery = undefined
      throw error
    })
    await this.#recovery
    return this.#session
  }

  /** A session whose access token is good for now. Throws `not_signed_in`, or why a stale token could not be replaced. */
  async fresh(): Promise<KeptSession> {
    const session = await this.load()
    const now = Date.now()
    if (session && now < refreshDueAt(session)) return session
    if (session && this.#renewable(session)) {
      try {
        const next = await this.refresh()
        if (next) return next
      } catch (error) {
        if (now >= session.localExpiry) throw error
        return session
      }
    } else if (session && now < session.localExpiry) return session
    else if (session) await this.refresh()
    throw notSignedIn()
  }

  /** Takes the stored session over when another tab changed it. */
  async sync(): Promise<KeptSession | null> {
    const text = await this.#options.storage.getItem(this.#options.storageKey)
    if (text === this.#text) return this.#session
    const first = this.#text === undefined
    const before = this.#session
    this.#text = text
    this.#session = parseSession(text)
    this.#schedule()
    const event = first ? null : changeBetween(before, this.#session)
    if (event) this.#tell(event)
    return this.#session
  }

  async keep(answer: SessionAnswer, event: AuthEvent): Promise<KeptSession> {
    return this.#write(keepSession(answer), event)
  }

  /**
   * The new access token of the session that is going on: its refresh token stays. Under the lock of refreshes, so that neither undoes the other.
   * Throws `not_signed_in` when that session has gone meanwhile.
   */
  raise(answer: SessionAnswer): Promise<KeptSession> {
    const { storage, storageKey } = this.#options
    return inOneTab(`${storageKey}.lock`, storage, async () => {
      const session = await this.sync()
      if (session?.userId !== answer.userId) throw notSignedIn()
      return this.#write({ ...keepSession(answer), refreshToken: answer.refreshToken ?? session.refreshToken }, 'TOKEN_REFRESHED')
    })
  }

  async replaceUser(user: KeptSession['user']): Promise<void> {
    const session = await this.sync()
    if (session?.userId === user.id) await this.#write({ ...session, user }, 'USER_UPDATED')
  }

  async clear(): Promise<void> {
    const had = await this.sync()
    this.#session = null
    this.#text = null
    this.#schedule()
    await this.#options.storage.removeItem(this.#options.storageKey)
    if (had) this.#announce('SIGNED_OUT')
  }

  /**
   * New tokens, from one request however many callers and tabs ask; `staleToken` is one that was refused, and a session that has another
   * already is answered as it is. `null` when the session is over. Throws when the server could not be asked: the session stays.
   */
  refresh(staleToken?: string): Promise<KeptSession | null> {
    this.#refreshing ??= this.#refresh(staleToken).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  listen(listener: AuthListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const undo of this.#cleanUp) undo()
    this.#listeners.clear()
  }

  async #refresh(staleToken: string | undefined): Promise<KeptSession | null> {
    const { storage, storageKey, cookieMode } = this.#options
    const before = await this.sync()
    const stale = staleToken ?? before?.accessToken
    return inOneTab(`${storageKey}.lock`, storage, async () => {
      const session = await this.sync()
      if (session && session.accessToken !== stale) return session
      if (!session && before && !cookieMode) return null
      if (!this.#renewable(session)) return this.#endUnrenewable(session, staleToken)
      try {
        const answer = await this.#post(session)
        // Signed out, or in anew, while the request was under way: that stands.
        if (!isSameSession(await this.sync(), session)) return this.#session
        this.#failures = 0
        return await this.keep(answer, session ? 'TOKEN_REFRESHED' : 'SIGNED_IN')
      } catch (error) {
        if (!isOver(error)) throw error
        if (isSameSession(await this.sync(), session)) await this.clear()
        return this.#session
      }
    })
  }

  /** A refused token without a way to a new one: the session is over. */
  async #endUnrenewable(session: KeptSession | null, staleToken: string | undefined): Promise<KeptSession | null> {
    if (session && (staleToken !== undefined || Date.now() >= session.localExpiry)) await this.clear()
    return this.#session
  }

  async #post(session: KeptSession | null): Promise<SessionAnswer> {
    const body = session?.refreshToken ? { refreshToken: session.refreshToken } : {}
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.connection.send<SessionAnswer>({ method: 'POST', path: '/refresh', body, timeoutMs: REFRESH_TIMEOUT_MS })
      } catch (error) {
        const asked = isPorticoAuthError(error) ? (error.retryAfterSeconds ?? 0) : 0
        // A long wait is for the timer, not for a caller who waits for this answer.
        if (attempt >= QUICK_TRIES || asked > 2 || !mayPass(error)) throw error
        await pause(Math.max(backoffMs(attempt - 1, 2_000), asked * 1_000))
      }
    }
  }

  #renewable(session: KeptSession | null): boolean {
    return this.#options.cookieMode || Boolean(session?.refreshToken)
  }

  async #write(session: KeptSession, event: AuthEvent): Promise<KeptSession> {
    this.#session = session
    this.#text = JSON.stringify(session)
    this.#schedule()
    await this.#options.storage.setItem(this.#options.storageKey, this.#text)
    this.#announce(event)
    return session
  }

  #schedule(retryInMs?: number): void {
    clearTimeout(this.#timer)
    const session = this.#session
    if (!this.#options.autoRefresh || this.#closed || !session || !this.#renewable(session)) return
    const delay = retryInMs ?? Math.max(0, refreshDueAt(session) - Date.now())
    this.#timer = setTimeout(() => this.#refreshInBackground(), Math.min(delay, LONGEST_TIMER_MS))
    // A server's process should not stay for a timer.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #refreshInBackground(): void {
    const session = this.#session
    if (session && Date.now() < refreshDueAt(session)) return this.#schedule()
    this.refresh().catch((error: unknown) => {
      const asked = (isPorticoAuthError(error) ? (error.retryAfterSeconds ?? 0) : 0) * 1_000
      this.#schedule(Math.max(1_000 + backoffMs(this.#failures++, LONGEST_RETRY_MS), Math.min(asked, LONGEST_RETRY_MS)))
    })
  }

  #announce(event: AuthEvent): void {
    this.#channel?.postMessage(event)
    this.#tell(event)
  }

  #tell(event: AuthEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, this.#session)
      } catch (error) {
        // A listener's mistake is reported like any uncaught one, and harms neither us nor the other listeners.
        setTimeout(() => {
          throw error
        })
      }
    }
  }

  /** Hears of other tabs, and of this one coming back from sleep. Nothing outside a browser. */
  #watch(): void {
    if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return
    const { storageKey, cookieMode } = this.#options
    const on = (target: EventTarget, type: string, handler: (event: Event) => void) => {
      target.addEventListener(type, handler)
      this.#cleanUp.push(() => target.removeEventListener(type, handler))
    }
    const look = () => void this.sync().catch(() => {})
    on(window, 'storage', (event) => {
      const { key } = event as StorageEvent
      if (key === storageKey || key === null) look()
    })
    const wake = () => {
      if (this.#options.autoRefresh && document.visibilityState !== 'hidden') {
        this.sync().then(() => this.#session && this.#refreshInBackground(), () => {})
      }
    }
    on(document, 'visibilitychange', wake)
    on(window, 'pageshow', wake)
    on(window, 'online', wake)
    if (typeof BroadcastChannel === 'undefined') return
    const channel = (this.#channel = new BroadcastChannel(storageKey))
    this.#cleanUp.push(() => channel.close())
    on(channel, 'message', (event) => {
      if (!cookieMode) look()
      else if ((event as MessageEvent).data === 'SIGNED_OUT') void this.#forget()
      else if (!this.#session) this.refresh().catch(() => {})
    })
  }

  /** Another tab signed out, and this one's memory does not know yet. */
  async #forget(): Promise<void> {
    if (!(await this.sync())) return
    this.#session = null
    this.#text = null
    this.#schedule()
    await this.#options.storage.removeItem(this.#options.storageKey)
    this.#tell('SIGNED_OUT')
  }
}

const notSignedIn = () => new PorticoAuthError({ code: 'not_signed_in', message: 'Nobody is signed in.', status: 401 })

function changeBetween(before: KeptSession | null, after: KeptSession | null): AuthEvent | null {
  if (!after) return before ? 'SIGNED_OUT' : null
  if (before?.userId !== after.userId) return 'SIGNED_IN'
  return before.accessToken === after.accessToken ? 'USER_UPDATED' : 'TOKEN_REFRESHED'
}

function isSameSession(one: KeptSession | null, other: KeptSession | null): boolean {
  return one?.userId === other?.userId && one?.refreshToken === other?.refreshToken
}

function mayPass(error: unknown): boolean {
  return isPorticoAuthError(error) && (error.status === 0 || error.status === 429 || error.status >= 500)
}

function isOver(error: unknown): boolean {
  return isPorticoAuthError(error) && error.status === 401 && (error.code === 'session_ended' || error.code === 'invalid_token')
}
