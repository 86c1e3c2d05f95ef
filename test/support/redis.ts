import { randomInt } from 'node:crypto'
import { inject } from 'vitest'

/** The caller's own database of the run's Redis, or null when the run has none: `describe.skipIf(!testRedisUrl())`. */
export function testRedisUrl(): string | null {
  const { redisUrl } = inject('servers')
  if (!redisUrl) return null
  // A Redis that we did not start may have the usual 16 databases.
  const databases = process.env['TEST_REDIS_URL'] ? 16 : 4096
  return `${redisUrl.replace(/\/\d*$/, '')}/${randomInt(1, databases)}`
}
