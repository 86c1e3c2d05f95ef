import { mailSenderContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformSql } from '@portico/database/platform-sql'
import { replaceTenantSenderSecret, tenantSenderSecrets } from '../records/mail-sender.store.js'

/** The same as `ResealProject` for the mail senders of tenants, which belong to no project. */
export async function resealTenantSenders(sql: PlatformSql, box: SealedBox): Promise<number> {
  let resealed = 0
  for (const { tenantId, id, sealed } of await tenantSenderSecrets(sql)) {
    if (!box.needsReseal(sealed)) continue
    if (await replaceTenantSenderSecret(sql, tenantId, sealed, box.reseal(sealed, mailSenderContext(tenantId, id)))) resealed += 1
  }
  return resealed
}
