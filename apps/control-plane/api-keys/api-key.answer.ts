import { formatId } from '@portico/kernel/ids'
import { permissionsOfKey } from '@portico/platform/api-keys/scopes'
import type { ApiKeyRow } from '@portico/platform/records/api-key.store'

export function apiKeyAnswer(row: ApiKeyRow) {
  return {
    id: formatId('key', row.id),
    prefix: row.prefix,
    name: row.name,
    scopes: row.scopes,
    permissions: [...permissionsOfKey(row)],
    project_ids: row.projectIds.length === 0 ? null : row.projectIds.map((id) => formatId('proj', id)),
    read_only: row.readOnly,
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  }
}
