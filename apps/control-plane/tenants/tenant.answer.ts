import { formatId } from '@portico/kernel/ids'
import type { TenantRow } from '@portico/platform/records/tenant.store'

export function tenantAnswer(row: TenantRow) {
  return {
    id: formatId('tnt', row.id),
    name: row.name,
    slug: row.slug,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
