import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from './caller.js'

/** Mail that one address gets at most once a minute, each kind on its own. */
export type MailPurpose = 'password_reset' | 'email_confirm' | 'sign_up_attempt' | 'email_change' | 'sign_in'

/** An admitted password check. Exactly one of the two is called when its outcome is known. */
export interface PasswordAttempt {
  failed(): Promise<void>
  succeeded(): Promise<void>
}

/** What the use cases ask of the limiter; the plane gives the counters. Addresses are normalised. */
export interface EndUserLimits {
  /** Throws `rate_limited` when the account or the client has no attempts left or must still wait. */
  admitPassword(project: ProjectRecord, address: string, caller: Caller): Promise<PasswordAttempt>
  /** Counts a reset request against the address; throws `rate_limited`. Answers whether a mail may go out now. */
  admitReset(project: ProjectRecord, address: string): Promise<boolean>
  /** Counts a mail against the address and answers whether it may go out now. Never throws for a full bucket. */
  mayMail(project: ProjectRecord, purpose: MailPurpose, address: string): Promise<boolean>
  /** Counts a sign-in mail against the address and the project's day; throws `rate_limited` when the day is full. Answers whether the mail may go out now. */
  admitSignInMail(project: ProjectRecord, address: string): Promise<boolean>
  /** Counts a guess at a mailed code; throws `rate_limited`, and `unavailable` while the shared counter is away. */
  admitCode(project: ProjectRecord, address: string): Promise<void>
}
