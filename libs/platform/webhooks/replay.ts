import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { addSeconds, DAY_SECONDS, HOUR_SECONDS } from '@portico/kernel/duration'
import type { ReplayRefusal, ReplayStart } from '../records/webhook-replay.store.js'
import { disabledEndpoint } from './read-webhook-input.js'
import { WEBHOOK_TYPES } from './webhook-types.js'

/** As long as messages are kept. */
const REPLAY_SECONDS = 30 * DAY_SECONDS
/** Of one replay. */
export const MOST_REPLAYED = 100_000
/** Of a tenant at once, over all its endpoints; and messages of a day, more or less. */
const MOST_RUNNING = 5
const MOST_OF_DAY = 1_000_000
const RETRY_SECONDS = 60

/** What was asked for, as it can be begun: the endpoint and its range, no later than now. */
export function replayOf(
  endpoint: { id: string; types: readonly string[] },
  given: { since: Date; until?: Date | undefined },
  { id, now }: { id: string; now: Date },
): ReplayStart {
  const types = endpoint.types.length === 0 ? WEBHOOK_TYPES : endpoint.types
  return { endpointId: endpoint.id, id, ...readRange(given, now), types, mostRunning: MOST_RUNNING, mostOfDay: MOST_OF_DAY, now }
}

function readRange({ since, until }: { since: Date; until?: Date | undefined }, now: Date): { since: Date; until: Date } {
  const end = until === undefined || until > now ? now : until
  if (since >= end) throw invalidField('since', 'after_end', 'This must be before `until`, and not in the future.')
  if (since < addSeconds(now, -REPLAY_SECONDS)) throw invalidField('since', 'too_long', 'At most 30 days back.')
  return { since, until: end }
}

export function refusedReplay(refusal: ReplayRefusal): AuthError {
  switch (refusal) {
    case 'missing':
      return new AuthError('not_found')
    case 'off':
      return disabledEndpoint()
    case 'running':
      return new AuthError('replay_in_progress')
    case 'too_many':
      return new AuthError('rate_limited', {
        message: `${MOST_RUNNING} replays of the tenant are running. Begin this one when one of them is done.`,
        retryAfterSeconds: RETRY_SECONDS,
      })
    case 'too_much':
      return new AuthError('rate_limited', { message: 'So much was replayed in the last day that no more is.', retryAfterSeconds: HOUR_SECONDS })
  }
}
