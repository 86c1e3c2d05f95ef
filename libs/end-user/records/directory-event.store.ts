import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** What a directory asked for, and what came of it. */
export interface DirectoryEvent {
  id: string
  directoryId: string
  method: string
  resource: 'User' | 'Group'
  resourceId: string | null
  status: number
  /** Why it was refused. Names attributes, never values. */
  detail: string | null
  createdAt: Date
}

interface Row {
  id: string
  directory_id: string
  method: string
  resource: 'User' | 'Group'
  resource_id: string | null
  status: number
  detail: string | null
  created_at: Date
}

export async function insertDirectoryEvent(tx: Pick<ProjectTx, 'query'>, event: DirectoryEvent): Promise<void> {
  await tx.query(insertion(event))
}

/** Of a refusal, which has no transaction of its own. */
export async function writeDirectoryEvent(db: ProjectDb, scope: ProjectScope, event: DirectoryEvent): Promise<void> {
  await db.read(scope, insertion(event))
}

function insertion(event: DirectoryEvent) {
  return {
    name: 'directory_event_insert',
    text: `insert into auth.directory_event (project_id, id, directory_id, method, resource, resource_id, status, detail, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [event.id, event.directoryId, event.method, event.resource, event.resourceId, event.status, event.detail, event.createdAt],
  }
}

/** Newest first, one more than asked for. */
export async function listDirectoryEvents(
  db: ProjectDb,
  scope: ProjectScope,
  page: { directoryId: string; refused: boolean; limit: number; after: { at: Date; id: string } | null; offset: number },
): Promise<DirectoryEvent[]> {
  const rows = await db.read<Row>(scope, {
    name: 'directory_event_list',
    text: `select id, directory_id, method, resource, resource_id, status, detail, created_at from auth.directory_event
      where project_id = auth.current_project_id() and directory_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3))
        and (not $4 or status >= 400) order by created_at desc, id desc limit $5 offset $6`,
    values: [page.directoryId, page.after?.at ?? null, page.after?.id ?? null, page.refused, page.limit + 1, page.offset],
  })
  return rows.map((row) => ({
    id: row.id,
    directoryId: row.directory_id,
    method: row.method,
    resource: row.resource,
    resourceId: row.resource_id,
    status: row.status,
    detail: row.detail,
    createdAt: row.created_at,
  }))
}
