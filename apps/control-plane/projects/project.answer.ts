import { formatId } from '@portico/kernel/ids'
import type { ProjectRow } from '@portico/platform/records/project.store'

export function projectAnswer(row: ProjectRow) {
  return {
    id: formatId('proj', row.id),
    tenant_id: formatId('tnt', row.tenantId),
    name: row.name,
    slug: row.slug,
    resource_type: row.resourceType,
    external_project_id: row.externalProjectId,
    metadata: row.metadata,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    archived_at: row.archivedAt?.toISOString() ?? null,
  }
}
