import { backoffMs } from './backoff.js'
import type { KeeperOptions } from './keeper-options.js'
import { type AuthListener, tell } from './listeners.js'
import { inOneTab } from './refresh-lock.js'
import { askedMs, requestRefresh } from './refresh-request.js'
import { renewalTimer } from './renewal-timer.js'
import { ageOf, type KeptSession, keepSession, parseSession, type SessionAnswer } from './session.js'
import { addressOf, type AuthEvent, changeBetween, isOver, isSameSession, notSignedIn } from './session-change.js'
import { watchTabs } from './watch-tabs.js'

const LONGEST_RETRY_MS = 60_000

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
  readonly #timer = renewalTimer(() => this.#refreshInBackground())
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
    const age = session && ageOf(session)
    if (session && !age?.isDue()) return session
    if (session && this.#renewable(session)) {
      try {
        const next = await this.refresh()
        if (next) return next
      } catch (error) {
        if (age?.isOver()) throw error
        return session
      }
    } else if (session && !age?.isOver()) return session
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
   * The new access token of the session that is going on: its refresh token stays. Under the lock of refreshes, so that neither undoes the
   * other. Throws `not_signed_in` when that session has gone meanwhile.
   */
  raise(answer: SessionAnswer): Promise<KeptSession> {
    const { storage, storageKey } = this.#options
    return inOneTab(`${storageKey}.lock`, storage, async () => {
      const session = await this.sync()
      if (session?.userId !== answer.userId) throw notSignedIn()
      return this.#write({ ...keepSession(answer), refreshToken: answer.refreshToken ?? session.refreshToken }, 'TOKEN_REFRESHED')
    })
  }

  /**
   * The user as the server knows them now. Where the token says another address, or another word about it, it is renewed; `looked`: only
   * then is anybody told.
   */
  async replaceUser(user: KeptSession['user'], looked?: boolean): Promise<void> {
    const session = await this.sync()
    if (session?.userId !== user.id) return
    const moved = addressOf(session.user) !== addressOf(user)
    if (moved || !looked) await this.#write({ ...session, user }, 'USER_UPDATED')
    // A token that is not renewed now is renewed when it is due; the change itself has happened.
    if (moved && this.#renewable(session)) await this.refresh().catch(() => {})
  }

  /** `userId`: only when that user is the one signed in; another tab may have signed in somebody else. */
  async clear(userId?: string): Promise<void> {
    const had = await this.sync()
    if (userId !== undefined && had?.userId !== userId) return
    await this.#drop()
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

  /** New tokens, due or not. Throws `not_signed_in`. */
  async renew(): Promise<KeptSession> {
    const session = (await this.load()) && (await this.refresh())
    if (!session || !this.#renewable(session)) throw notSignedIn()
    return session
  }

  /** Tells the listener first of the session that there is, and from then on of every change. */
  listen(listener: AuthListener): () => void {
    this.#listeners.add(listener)
    this.load()
      // The server cannot say who it is now; when it can, that is a sign-in.
      .catch(() => {})
      .then(() => this.#listeners.has(listener) && this.#tell('INITIAL_SESSION', [listener]))
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed = true
    this.#timer()
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
      if (!this.#renewable(session)) {
        // A refused token without a way to a new one: the session is over.
        if (session && (staleToken !== undefined || ageOf(session).isOver())) await this.clear()
        return this.#session
      }
      try {
        const answer = await requestRefresh(this.#options.connection, session?.refreshToken)
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

  isOver(session: KeptSession): boolean {
    return ageOf(session).isOver()
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
    const session = this.#session
    const isRenewed = this.#options.autoRefresh && !this.#closed && session && this.#renewable(session)
    this.#timer(isRenewed ? (retryInMs ?? ageOf(session).dueInMs()) : undefined)
  }

  #refreshInBackground(): void {
    const session = this.#session
    if (session && !ageOf(session).isDue()) return this.#schedule()
    this.refresh().catch((error: unknown) => {
      this.#schedule(Math.max(1_000 + backoffMs(this.#failures++, LONGEST_RETRY_MS), Math.min(askedMs(error), LONGEST_RETRY_MS)))
    })
  }

  #announce(event: AuthEvent): void {
    this.#channel?.postMessage(event)
    this.#tell(event)
  }

  #tell(event: AuthEvent, listeners: Iterable<AuthListener> = this.#listeners): void {
    tell(listeners, event, this.#session)
  }

  #watch(): void {
    const { storageKey, cookieMode, autoRefresh } = this.#options
    const look = () => void this.sync().catch(() => {})
    this.#channel = watchTabs(storageKey, this.#cleanUp, {
      look,
      wake: () => {
        if (autoRefresh) this.sync().then(() => this.#session && this.#refreshInBackground(), () => {})
      },
      hear: (event) => {
        if (!cookieMode) look()
        else if (event === 'SIGNED_OUT') void this.#follow(event)
        else if (!this.#session) this.refresh().catch(() => {})
      },
    })
  }

  /** Another tab signed out, and this one's memory does not know yet. */
  async #follow(event: AuthEvent): Promise<void> {
    if (!(await this.sync())) return
    await this.#drop()
    this.#tell(event)
  }

  async #drop(): Promise<void> {
    this.#session = null
    this.#text = null
    this.#schedule()
    await this.#options.storage.removeItem(this.#options.storageKey)
  }
}
