import { auditStreamContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformSql } from '@portico/database/platform-sql'
import { auditStreamSecrets, replaceAuditStreamSecret } from '../records/audit-stream.store.js'

/** The same as `ResealProject` for the streams of audit logs, which belong to tenants. */
export async function resealAuditStreams(sql: PlatformSql, box: SealedBox): Promise<number> {
  let resealed = 0
  for (const { tenantId, id, sealed } of await auditStreamSecrets(sql)) {
    if (!box.needsReseal(sealed)) continue
    if (await replaceAuditStreamSecret(sql, id, sealed, box.reseal(sealed, auditStreamContext(tenantId, id)))) resealed += 1
  }
  return resealed
}
