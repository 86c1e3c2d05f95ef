import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import './request-context.js'

const MAX_ADVANCE_SECONDS = 10 * 365 * 86_400

/**
 * `POST /__test/clock {"advance_seconds"}` → `{now}`. Register it only when `PORTICO_TEST_CLOCK` is on, which production refuses.
 * `clock` moves every process of the installation.
 */
export function registerTestClock(server: FastifyInstance, clock: { advanceSeconds(seconds: number): Date | Promise<Date> }): void {
  server.post('/__test/clock', { config: { access: 'public' } }, async (request) => {
    const body = request.body
    if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new AuthError('invalid_request')
    const seconds: unknown = 'advance_seconds' in body ? body.advance_seconds : 0
    for (const name of Object.keys(body)) {
      if (name !== 'advance_seconds') throw invalidField(name, 'unknown_field', 'This field is not known.')
    }
    if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= MAX_ADVANCE_SECONDS)) {
      throw invalidField('advance_seconds', 'not_a_number', 'This must be a number of seconds, 0 or more.')
    }
    return { now: (await clock.advanceSeconds(seconds)).toISOString() }
  })
}
