import type { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import type { PlatformSql } from '@portico/database/platform-sql'
import { readCanary, replaceCanary } from '../records/installation.store.js'

/**
 * The last value that is sealed again: from then on the migrate command takes the new key alone, and sets the passwords that are derived
 * from it.
 */
export async function resealCanary(sql: PlatformSql, canary: MasterKeyCanary): Promise<void> {
  const sealed = await readCanary(sql)
  if (sealed === null || canary.sealedUnder(sealed) === 'current') return
  await replaceCanary(sql, sealed, canary.seal())
}
