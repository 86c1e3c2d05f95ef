import type { Caller } from '../caller.js'

/** Somebody of the console's project. */
export interface ConsolePerson {
  id: string
  email: string | null
  name: string | null
  /** A waiting invitation has not been taken. */
  invited: boolean
  disabled: boolean
  lastSignInAt: Date | null
}

export type From = Pick<Caller, 'ip' | 'userAgent'>

/** What the console needs of its project's end users: see `apps/control-plane/console/people.ts`. */
export interface ConsolePeople {
  /** Who is behind a session that is live now. */
  behind(projectId: string, sessionId: string): Promise<ConsolePerson | null>
  byIds(projectId: string, ids: readonly string[]): Promise<Map<string, ConsolePerson>>
  /** Those of them who could sign in at our own page now. */
  whoCanSignIn(projectId: string, ids: readonly string[]): Promise<Set<string>>
  endSession(projectId: string, session: { id: string; userId: string }, from: From): Promise<void>
}
