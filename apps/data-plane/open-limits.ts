import type { DataPlaneConfig } from '@portico/config/data-plane-config'
import { digestToken } from '@portico/crypto/token-digest'
import type { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { RateLimits, STORE_TIMEOUT_MS } from '@portico/rate-limit/rate-limiter'

/** Counted in Redis where there is one, otherwise in PostgreSQL. */
export function openLimits(config: DataPlaneConfig, database: Database, clock: Clock, logger: Logger): RateLimits {
  const sql = new PlatformSql(database)
  return new RateLimits({
    store: config.redisUrl === null
      ? {
          kind: 'postgres',
          query: (statement) => database.shared(() => sql.run(statement)),
          waiting: (work) => database.waiting(work),
        }
      : { kind: 'redis', url: config.redisUrl },
    hashKey: (subject) => digestToken(subject).toString('base64url'),
    clock,
    sharers: config.processes,
    onStoreChange: (state, cause) => {
      // The same server: who has waited for the counters does not wait as long again for the rest.
      if (state === 'lost' && config.redisUrl === null) database.wasSlow(STORE_TIMEOUT_MS)
      logger.warn({ state, err: cause }, 'the counter store changed')
    },
  })
}
