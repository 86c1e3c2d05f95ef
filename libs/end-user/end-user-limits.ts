import type { ProjectRecord } from '@portico/database/project-directory'
import type { Caller } from './caller.js'

/** Mail that one address gets at most once a minute, each kind on its own. */
export type MailPurpose = 'password_reset' | 'email_confirm' | 'sign_up_attempt' | 'email_change' | 'sign_in'

/** Events that anybody can cause at will, so that their rows are bounded by subject and by project. */
export type RecordedEvent = 'sign_in_refused' | 'sign_in_refused_unknown' | 'link_opened' | 'sso_logout_refused'

/** An admitted password check. Exactly one of the two is called when its outcome is known. */
export interface PasswordAttempt {
  /** Throws where a stranger would not have been admitted and is to learn no more than that. */
  failed(): Promise<void>
  succeeded(): Promise<void>
}

/** What the use cases ask of the limiter; the plane gives the counters. Addresses are normalised. */
export interface EndUserLimits {
  /**
   * Throws `rate_limited` when the account or the client has no attempts left or must still wait. A device that is known for this account
   * has attempts of its own, beside those.
   */
  admitPassword(project: ProjectRecord, address: string, caller: Caller, device: string | null): Promise<PasswordAttempt>
  /** For who was refused by `admitPassword` and calls from an address that the account knows; `null`: none of those are left either. */
  admitFromKnownAddress(project: ProjectRecord, address: string, caller: Caller): Promise<PasswordAttempt | null>
  /** Counts a reset request against the address; throws `rate_limited`. Answers whether a mail may go out now. */
  admitReset(project: ProjectRecord, address: string): Promise<boolean>
  /** Counts a mail against the address and answers whether it may go out now. Never throws for a full bucket. */
  mayMail(project: ProjectRecord, purpose: MailPurpose, address: string): Promise<boolean>
  /**
   * Counts a sign-in mail against the address and the project's day; throws `rate_limited` when the day is full. Answers whether the mail
   * may go out now.
   */
  admitSignInMail(project: ProjectRecord, address: string): Promise<boolean>
  /**
   * Counts a guess at a mailed code; throws `rate_limited`, and `unavailable` while the shared counter is away. Who is `known`, by a client
   * address that the person has signed in from or by a session of theirs, has guesses of their own: strangers use up nobody's but theirs.
   */
  admitCode(project: ProjectRecord, address: string, known: string | null): Promise<void>
  /** Counts a change of address against the user who asks for it; throws `rate_limited`. Each one mails a stranger. */
  admitEmailChange(project: ProjectRecord, userId: string): Promise<void>
  /** Counts a second use of a reset link; false when there were too many to compare its password once more. */
  admitSecondPress(project: ProjectRecord, link: string): Promise<boolean>
  /**
   * Counts one of many like events. Answers how many there were within the hour when this one is worth a row, else null: a flood leaves few
   * rows.
   */
  worthRecording(project: ProjectRecord, event: RecordedEvent, subject: string): Promise<number | null>
}
