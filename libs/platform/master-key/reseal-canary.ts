import type { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import type { PlatformSql } from '@portico/database/platform-sql'

/**
 * The last value that is sealed again: from then on the migrate command takes the new key alone, and sets the passwords that are derived
 * from it.
 */
export async function resealCanary(sql: PlatformSql, canary: MasterKeyCanary): Promise<void> {
  const [row] = await sql.run<{ canary: Buffer }>({
    name: 'reseal_read_canary',
    text: 'select canary from platform.installation',
    values: [],
  })
  if (!row || canary.sealedUnder(row.canary) === 'current') return
  await sql.run({
    name: 'reseal_write_canary',
    text: 'update platform.installation set canary = $1 where canary = $2',
    values: [canary.seal(), row.canary],
  })
}
