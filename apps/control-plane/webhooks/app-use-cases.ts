import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformDb } from '@portico/database/platform-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { TestHook } from '@portico/end-user/administration/test-hook'
import type { CallHook } from '@portico/end-user/steps/hooks/call-hook'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { ManageHooks } from '@portico/platform/hooks/manage-hooks'
import { ReadUsage } from '@portico/platform/usage/read-usage'
import { ManageWebhooks } from '@portico/platform/webhooks/manage-webhooks'
import { TenantWebhookDeliveries } from '@portico/platform/webhooks/tenant-webhook-deliveries'
import { TenantWebhooks } from '@portico/platform/webhooks/tenant-webhooks'
import { WebhookDeliveries } from '@portico/platform/webhooks/webhook-deliveries'

interface Parts {
  platformDb: PlatformDb
  platformSql: PlatformSql
  projectDb: ProjectDb
  reading: { platformSql: PlatformSql }
  directory: ProjectDirectory
  box: SealedBox
  outbound: GuardedHttp
  clock: Clock
  entropy: Entropy
  callHook: CallHook
}

/** What apps and platforms are told, what they are asked, and what was used. */
export function makeAppUseCases(parts: Parts) {
  const { platformDb, platformSql, projectDb, directory, box, outbound, clock, entropy, callHook } = parts
  return {
    webhooks: new ManageWebhooks(projectDb, box, outbound, clock, entropy),
    webhookDeliveries: new WebhookDeliveries(projectDb, clock, entropy),
    tenantWebhooks: new TenantWebhooks(platformDb, box, outbound, clock, entropy),
    tenantWebhookDeliveries: new TenantWebhookDeliveries(platformDb, platformSql, clock, entropy),
    hooks: new ManageHooks(projectDb, directory, box, outbound, clock, entropy),
    testHook: new TestHook(directory, callHook),
    readUsage: new ReadUsage(parts.reading.platformSql, clock),
  }
}
