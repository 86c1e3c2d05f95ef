import type { Clock } from '@portico/kernel/clock'
import type { ActiveOrganization } from '../records/organization.js'
import type { CheckedToken } from './recent-tokens.js'

export interface ChangedUsersOptions {
  /** Users kept at the most; beyond that the project of the one that changed longest ago keeps a time for all of its users. */
  maxUsers?: number
  maxProjects?: number
}

/** What `/verify` says of the user now. */
export interface VerifiedUser {
  email: string
  emailVerified: boolean
  /** In the organization that the token names; `null`: it names none, or they do not belong to it any more. */
  organization: ActiveOrganization | null
}

interface Slot {
  /** `undefined` while the database is being asked; `null`: session or user is over. */
  answer: VerifiedUser | null | undefined
}

interface Changed {
  projectId: string
  /** Milliseconds, by the clock of the process that made the change. */
  at: number
  /** What the database said of the user's sessions since. */
  sessions: Map<string, Slot>
}

/** As long as the longest access token, and an hour. */
export const ACCESS_TOKEN_MEMORY_HOURS = 25
const RETENTION_MS = ACCESS_TOKEN_MEMORY_HOURS * 3_600_000
/**
 * Tokens that were issued up to this long after a change are asked for as well: clocks of processes differ (5 s), and a transaction commits
 * later than the time that it wrote down.
 */
const MARGIN_MS = 15_000
const MAX_SESSIONS_PER_USER = 100

/**
 * Users whose sessions ended or whose state changed within the life of an access token, so that for everybody else `/verify` need not ask
 * the database: a token that we made (`token-mark`) says what was true when it was issued, and nothing has changed since.
 *
 * For those in here the database is asked once for each session and its answer is kept until the user changes again. Bounded: the user
 * that changed longest ago makes room, and what their entry meant goes on for the whole project as «everything before that time has to be
 * asked»; too many projects become the same for all of them. So forgetting costs trips and never lets anything through.
 */
export class ChangedUsers {
  readonly #users = new Map<string, Changed>()
  readonly #projects = new Map<string, number>()
  #everybody = -Infinity
  readonly #maxUsers: number
  readonly #maxProjects: number

  constructor(
    private readonly clock: Clock,
    options: ChangedUsersOptions = {},
  ) {
    this.#maxUsers = options.maxUsers ?? 50_000
    this.#maxProjects = options.maxProjects ?? 10_000
  }

  /** The user has changed just now, here or elsewhere: what was asked before counts no longer. */
  changed(projectId: string, userId: string, changedAt: Date): void {
    const now = this.clock.now().getTime()
    // By whichever clock is ahead: one that is slow must not hide a change from tokens that were issued before it.
    this.recall(projectId, userId, new Date(Math.max(changedAt.getTime(), now)))
    this.#dropOlderThan(now - RETENTION_MS)
  }

  /** The user changed at this time, before this process began. */
  recall(projectId: string, userId: string, changedAt: Date): void {
    const at = Math.max(changedAt.getTime(), this.#entryOf(projectId, userId)?.at ?? -Infinity)
    this.#put(userId, { projectId, at, sessions: new Map() })
  }

  /** Changes before this time may have been missed. */
  missed(at: Date): void {
    this.#everybody = Math.max(this.#everybody, at.getTime())
    for (const known of this.#users.values()) known.sessions.clear()
  }

  /** `unchanged`: what the token says is true. `undefined`: the database has to be asked. */
  find(checked: CheckedToken): 'unchanged' | VerifiedUser | null | undefined {
    const { projectId } = checked.project.scope
    const entry = this.#entryOf(projectId, checked.userId)
    if (checked.claims.iat * 1000 > this.#changedAt(projectId, entry) + MARGIN_MS) return 'unchanged'
    return entry?.sessions.get(checked.sessionId)?.answer
  }

  /** Asks, and keeps the answer unless the user changed while it was asked. */
  async read(checked: CheckedToken, ask: () => Promise<VerifiedUser | null>): Promise<VerifiedUser | null> {
    const { userId, sessionId } = checked
    const { projectId } = checked.project.scope
    const slot: Slot = { answer: undefined }
    // In place before the question: a change that the answer does not show yet takes it out again.
    const entry = this.#entryOf(projectId, userId)
    const { sessions } = entry ?? this.#put(userId, { projectId, at: this.#changedAt(projectId), sessions: new Map() })
    if (sessions.size >= MAX_SESSIONS_PER_USER) sessions.delete(sessions.keys().next().value!)
    sessions.set(sessionId, slot)
    try {
      slot.answer = await ask()
      return slot.answer
    } catch (error) {
      if (sessions.get(sessionId) === slot) sessions.delete(sessionId)
      throw error
    }
  }

  get size(): number {
    return this.#users.size
  }

  #entryOf(projectId: string, userId: string): Changed | undefined {
    const entry = this.#users.get(userId)
    // The id is unique by itself; the project stands beside it because nothing here may rest on that.
    return entry?.projectId === projectId ? entry : undefined
  }

  #changedAt(projectId: string, entry?: Changed): number {
    return Math.max(entry?.at ?? -Infinity, this.#projects.get(projectId) ?? -Infinity, this.#everybody)
  }

  #put(userId: string, entry: Changed): Changed {
    const before = this.#users.get(userId)
    if (before && before.projectId !== entry.projectId) this.#handToProject(before)
    this.#users.delete(userId)
    this.#users.set(userId, entry)
    if (this.#users.size > this.#maxUsers) {
      const [oldest, given] = this.#users.entries().next().value!
      this.#users.delete(oldest)
      this.#handToProject(given)
    }
    return entry
  }

  #handToProject({ projectId, at }: Changed): void {
    this.#projects.set(projectId, Math.max(this.#projects.get(projectId) ?? -Infinity, at))
    if (this.#projects.size <= this.#maxProjects) return
    this.#everybody = Math.max(this.#everybody, ...this.#projects.values())
    this.#projects.clear()
  }

  #dropOlderThan(at: number): void {
    for (const [userId, entry] of this.#users) {
      if (entry.at >= at) return
      this.#users.delete(userId)
    }
  }
}
