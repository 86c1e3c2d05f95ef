import type { ProjectRecord } from '@portico/database/project-directory'
import type { FactorAttempt, FactorLimits } from '@portico/end-user/steps/factor-limits'
import { DAY_SECONDS } from '@portico/kernel/duration'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import { limitAsSet } from './limit-as-set.js'

// Six digits with three good ones at a time: at 100 guesses a day a thief who has the password needs some six years for an even chance.
const FACTOR_DAY: Limit = { name: 'factor_day', points: 100, windowSeconds: DAY_SECONDS, whenStoreLost: 'refuse' }

/** Guesses at second factors, counted per user in the shared store and nowhere else (promise P7). */
export class FactorLimitBuckets implements FactorLimits {
  constructor(private readonly limits: RateLimits) {}

  async admitFactor(project: ProjectRecord, userId: string): Promise<FactorAttempt> {
    const { projectId } = project.scope
    const account: Limit = { ...limitAsSet(project, 'factor_account'), whenStoreLost: 'refuse' }
    const buckets = [account, FACTOR_DAY].map((limit) => ({ limit, subject: userId }))
    await this.limits.enforce(projectId, buckets)
    return {
      succeeded: () => this.limits.release(projectId, { drop: buckets.map(({ limit, subject }) => ({ name: limit.name, subject })) }),
    }
  }
}
