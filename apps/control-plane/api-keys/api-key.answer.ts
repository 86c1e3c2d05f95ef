import { formatId } from '@portico/kernel/ids'
import type { ApiKeyRow } from '@portico/platform/records/api-key.store'

export function apiKeyAnswer(row: ApiKeyRow) {
  return {
    id: formatId('key', row.id),
    prefix: row.prefix,
    name: row.name,
    scopes: row.scopes,
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  }
}
