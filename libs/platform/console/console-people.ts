import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import type { Caller } from '../caller.js'

/** Somebody of the console's project. */
export interface ConsolePerson {
  id: string
  email: string | null
  name: string | null
  /** Has never signed in nor proven the address: an invitation waits. */
  invited: boolean
  disabled: boolean
  lastSignInAt: Date | null
}

/** Where a request comes from, as audit rows and sessions keep it. */
export type From = Pick<Caller, 'ip' | 'userAgent'>

export interface NewOwner {
  email: string
  password: string
  name?: string | undefined
}

export interface StartedConsoleSession {
  sessionId: string
  person: ConsolePerson
}

/** What the console needs of its project's end users: see `apps/control-plane/console/people.ts`. */
export interface ConsolePeople {
  /** Who is behind a session that is live now. */
  behind(sessionId: string): Promise<ConsolePerson | null>
  byIds(ids: readonly string[]): Promise<Map<string, ConsolePerson>>
  /** Those of them who could sign in at our own page now, or with other settings. */
  whoCanSignIn(ids: readonly string[], settings?: ProjectSettings): Promise<Set<string>>
  /** With a password, proven and enabled, whatever was there before. */
  setUp(owner: NewOwner, by: Caller): Promise<ConsolePerson>
  /** Mails an invitation to whoever has no account in use yet. */
  invite(email: string, by: Caller): Promise<{ person: ConsolePerson; mailed: boolean }>
  /** `outside`: an issuer of the operator's has asked for whatever factors it wants. */
  startSession(input: { userId: string; amr: string[]; outside?: boolean }, from: From): Promise<StartedConsoleSession>
  endSession(session: { id: string; userId: string }, from: From): Promise<void>
}
