import { webhookSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformSql } from '@portico/database/platform-sql'
import { replaceTenantWebhookSecret, tenantWebhookSecrets } from '../records/tenant-webhook.store.js'

/** The same as `ResealProject` for the webhook endpoints of tenants, which belong to no project. */
export async function resealTenantWebhooks(sql: PlatformSql, box: SealedBox): Promise<number> {
  let resealed = 0
  for (const { tenantId, id, sealed } of await tenantWebhookSecrets(sql)) {
    if (!box.needsReseal(sealed)) continue
    if (await replaceTenantWebhookSecret(sql, id, sealed, box.reseal(sealed, webhookSecretContext(tenantId, id)))) resealed += 1
  }
  return resealed
}
