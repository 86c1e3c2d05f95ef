import type { ProjectRecord } from '@portico/database/project-directory'

/** An admitted guess at a second factor; it was counted before it is looked at. */
export interface FactorAttempt {
  succeeded(): Promise<void>
}

export interface FactorLimits {
  /** Counts a guess against the user; throws `rate_limited`, and `unavailable` while the shared counter is away (promise P7). */
  admitFactor(project: ProjectRecord, userId: string): Promise<FactorAttempt>
}
