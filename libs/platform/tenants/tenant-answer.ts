import { formatId } from '@portico/kernel/ids'
import type { TenantRow } from '../records/tenant.store.js'

export function tenantAnswer(row: TenantRow) {
  return {
    id: formatId('tnt', row.id),
    name: row.name,
    slug: row.slug,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
