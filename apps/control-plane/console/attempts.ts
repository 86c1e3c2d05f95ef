import { addressForLimits } from '@portico/http/client-address'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyRequest } from 'fastify'

// A code has 80 bits and a token 128: these bound the load and the log, not the guessing.
const FROM_ONE_ADDRESS: Limit = { name: 'console_attempts', points: 10, windowSeconds: 60, whenStoreLost: 'refuse' }
const FROM_ALL: Limit = { name: 'console_attempts_all', points: 120, windowSeconds: 60, whenStoreLost: 'refuse' }

/** How often codes and tokens may be typed. */
export class Attempts {
  constructor(private readonly limits: RateLimits) {}

  async charge(request: FastifyRequest): Promise<void> {
    await this.limits.enforce('control-plane', [
      { limit: FROM_ONE_ADDRESS, subject: addressForLimits(request.clientInfo().ip) },
      { limit: FROM_ALL, subject: 'all' },
    ])
  }
}
