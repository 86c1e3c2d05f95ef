import type { ProjectRecord } from '@portico/database/project-directory'
import type { FactorAttempt, FactorLimits, KnownPlace } from '@portico/end-user/steps/factor-limits'
import { addressForLimits } from '@portico/http/client-address'
import { DAY_SECONDS } from '@portico/kernel/duration'
import type { Limit, LimitUse, RateLimits } from '@portico/rate-limit/rate-limiter'
import { limitAsSet } from './limit-as-set.js'

// Six digits with three good ones at a time: at 100 guesses a day a thief who has the password needs some six years for an even chance.
const FACTOR_DAY: Limit = { name: 'factor_day', points: 100, windowSeconds: DAY_SECONDS, whenStoreLost: 'refuse' }

// Of all known places of one user together, as many as three of them may use up: however many sessions and addresses somebody has got hold
// of, there are 400 guesses a day at most, and one place alone does not end those of the others.
const KNOWN_DAY: Limit = { name: 'factor_known_all', points: 300, windowSeconds: DAY_SECONDS, whenStoreLost: 'refuse' }

/** Guesses at second factors, counted per user in the shared store and nowhere else (promise P7). */
export class FactorLimitBuckets implements FactorLimits {
  constructor(private readonly limits: RateLimits) {}

  async admitFactor(project: ProjectRecord, userId: string): Promise<FactorAttempt> {
    const { projectId } = project.scope
    const buckets = [quarter(project, 'factor_account'), FACTOR_DAY].map((limit) => ({ limit, subject: userId }))
    await this.limits.enforce(projectId, buckets)
    return { succeeded: () => this.limits.release(projectId, { drop: buckets.map(named) }) }
  }

  async admitKnownFactor(project: ProjectRecord, userId: string, known: KnownPlace): Promise<FactorAttempt> {
    const { projectId } = project.scope
    const place = 'ip' in known ? addressForLimits(known.ip) : `session ${known.sessionId}`
    const own = [quarter(project, 'factor_known'), { ...FACTOR_DAY, name: 'factor_known_day' }].map((limit) => ({
      limit,
      subject: `${userId} ${place}`,
    }))
    const all = { limit: KNOWN_DAY, subject: userId }
    await this.limits.enforce(projectId, own)
    // Only what its own buckets let through, so that a flood from one place uses up nothing of the others.
    await this.limits.enforce(projectId, [all])
    // The shared buckets stay as they are: the owner who gets in gives strangers no guesses back.
    return { succeeded: () => this.limits.release(projectId, { drop: own.map(named), refund: [named(all)] }) }
  }
}

function quarter(project: ProjectRecord, name: string): Limit {
  return { ...limitAsSet(project, 'factor_account'), name, whenStoreLost: 'refuse' }
}

function named({ limit, subject }: LimitUse): { name: string; subject: string } {
  return { name: limit.name, subject }
}
