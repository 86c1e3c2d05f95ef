import type { ProjectRecord } from '@portico/database/project-directory'

/** An admitted guess at a second factor; it was counted before it is looked at. */
export interface FactorAttempt {
  succeeded(): Promise<void>
}

/** Both throw `rate_limited`, and `unavailable` while the shared counter is away (promise P7). */
export interface FactorLimits {
  /** Counts a guess against the user, whoever makes it. */
  admitFactor(project: ProjectRecord, userId: string): Promise<FactorAttempt>
  /** For who was refused by `admitFactor` and is known: by a live session of the user, or a client address they have signed in from. */
  admitKnownFactor(project: ProjectRecord, userId: string, known: KnownPlace): Promise<FactorAttempt>
}

export type KnownPlace = { sessionId: string } | { ip: string }
