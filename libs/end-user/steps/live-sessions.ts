import type { ProjectRecord } from '@portico/database/project-directory'
import type { LiveSession } from '../records/session.store.js'

export interface LiveSessionsOptions {
  /** Whether endings elsewhere are being heard: without that nothing is remembered and nothing answered. */
  hearsEndings: () => boolean
  /** Users kept at the most; the longest known go first. */
  maxUsers?: number
  /** Age after which a session is asked for again; also how often its use is noted, at the least. */
  maxAgeMs?: number
  /** Monotonic milliseconds. */
  monotonicMs?: () => number
}

/** What it takes to vouch for a session. */
export interface KnownSession {
  userId: string
  /** Absolute end; `null`: none. */
  expiresAt: Date | null
  lastUsedAt: Date
}

interface Slot {
  /** `null` while the database is being asked. */
  session: KnownSession | null
  readAt: number
}

/** What is remembered of one user. The id is unique by itself; the project stands beside it because nothing here may rest on that. */
interface Known {
  projectId: string
  sessions: Map<string, Slot>
}

const MAX_SESSIONS_PER_USER = 100

/**
 * Sessions that the database has lately called live, so that `/verify` need not ask again. Only for vouching: whatever reads or changes an
 * account asks the database every time.
 *
 * Kept by user, because endings are told by user: by the database to every process (`portico_session`), and by this process to itself
 * before its own change is answered (`ProjectDb.sessionsEnded`). An ending elsewhere counts here within the moment a notification takes;
 * when the channel is silent for longer than `hearsEndings` allows, every call asks the database.
 */
export class LiveSessions {
  readonly #users = new Map<string, Known>()
  readonly #hearsEndings: () => boolean
  readonly #maxUsers: number
  readonly #maxAgeMs: number
  readonly #monotonicMs: () => number

  constructor(options: LiveSessionsOptions) {
    this.#hearsEndings = options.hearsEndings
    this.#maxUsers = options.maxUsers ?? 20_000
    this.#maxAgeMs = options.maxAgeMs ?? 30_000
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now())
  }

  /** The session if it is known to be live at `now`. */
  find(project: ProjectRecord, userId: string, sessionId: string, now: Date): KnownSession | null {
    const known = this.#users.get(userId)
    const slot = known?.projectId === project.scope.projectId ? known.sessions.get(sessionId) : undefined
    if (!slot?.session || this.#monotonicMs() - slot.readAt >= this.#maxAgeMs || !this.#hearsEndings()) return null
    return isWithinLifetime(slot.session, project.settings.session_idle_seconds, now) ? slot.session : null
  }

  /** Asks the database, and remembers a live session of this very user unless the user's sessions changed while it was asked. */
  async read(project: ProjectRecord, userId: string, sessionId: string, ask: () => Promise<LiveSession | null>): Promise<KnownSession | null> {
    if (!this.#hearsEndings()) return toKnown(await ask())
    const slot: Slot = { session: null, readAt: this.#monotonicMs() }
    // In place before the question: a change that the answer does not show yet takes it out again.
    this.#sessionsOf(project.scope.projectId, userId).set(sessionId, slot)
    let session: KnownSession | null = null
    try {
      session = toKnown(await ask())
    } finally {
      if (session?.userId === userId) slot.session = session
      else this.#drop(userId, sessionId, slot)
    }
    return session
  }

  /** Sessions of this user may have ended. */
  forget(projectId: string, userId: string): void {
    if (this.#users.get(userId)?.projectId === projectId) this.#users.delete(userId)
  }

  /** Endings may have been missed. */
  clear(): void {
    this.#users.clear()
  }

  get size(): number {
    return this.#users.size
  }

  #sessionsOf(projectId: string, userId: string): Map<string, Slot> {
    const known = this.#users.get(userId)
    if (known?.projectId === projectId && known.sessions.size < MAX_SESSIONS_PER_USER) return known.sessions
    const sessions = new Map<string, Slot>()
    this.#users.set(userId, { projectId, sessions })
    if (this.#users.size > this.#maxUsers) this.#users.delete(this.#users.keys().next().value!)
    return sessions
  }

  #drop(userId: string, sessionId: string, slot: Slot): void {
    const sessions = this.#users.get(userId)?.sessions
    if (sessions?.get(sessionId) !== slot) return
    sessions.delete(sessionId)
    if (sessions.size === 0) this.#users.delete(userId)
  }
}

function toKnown(session: LiveSession | null): KnownSession | null {
  return session && { userId: session.user.id, expiresAt: session.expiresAt, lastUsedAt: session.lastUsedAt }
}

function isWithinLifetime({ expiresAt, lastUsedAt }: KnownSession, idleSeconds: number, now: Date): boolean {
  return (expiresAt === null || expiresAt > now) && now.getTime() - lastUsedAt.getTime() < idleSeconds * 1000
}
