import type { DataPlaneConfig } from '@portico/config/data-plane-config'
import { digestToken } from '@portico/crypto/token-digest'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { RateLimits } from '@portico/rate-limit/rate-limiter'

/** Counted in Redis where there is one, otherwise in PostgreSQL. */
export function openLimits(config: DataPlaneConfig, sql: PlatformSql, clock: Clock, logger: Logger, onSilent: () => void): RateLimits {
  return new RateLimits({
    store: config.redisUrl === null
      ? { kind: 'postgres', query: (statement) => sql.run(statement) }
      : { kind: 'redis', url: config.redisUrl },
    hashKey: (subject) => digestToken(subject).toString('base64url'),
    clock,
    sharers: config.processes,
    onStoreChange: (state, cause) => {
      // The same server: who has waited for the counters does not wait as long again for the rest.
      if (state === 'lost' && config.redisUrl === null) onSilent()
      logger.warn({ state, err: cause }, 'the counter store changed')
    },
  })
}
