import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { DIRECTORY_COLUMNS, toDirectory, type Directory, type DirectoryRow } from './directory.js'

export async function saveDirectory(tx: ProjectTx, directory: Directory): Promise<void> {
  await tx.query({
    name: 'directory_save',
    text: `insert into auth.directory (project_id, id, organization_id, name, group_roles, fallback_role, custom_schema, created_at,
        updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (project_id, id) do update set name = excluded.name, group_roles = excluded.group_roles,
        fallback_role = excluded.fallback_role, custom_schema = excluded.custom_schema, updated_at = excluded.updated_at`,
    values: [directory.id, directory.organizationId, directory.name, JSON.stringify(directory.groupRoles), directory.fallbackRole,
      directory.customSchema && JSON.stringify(directory.customSchema), directory.createdAt, directory.updatedAt],
  })
}

export async function findDirectory(tx: ProjectTx, id: string): Promise<Directory | null> {
  const [row] = await tx.query<DirectoryRow>({
    name: 'directory_find',
    text: `select ${DIRECTORY_COLUMNS} from auth.directory d where d.project_id = auth.current_project_id() and d.id = $1`,
    values: [id],
  })
  return row ? toDirectory(row) : null
}

/** Until the end of the transaction: what it says of roles does not change meanwhile, nor do two set it at once. */
export async function lockDirectory(tx: ProjectTx, id: string): Promise<Directory | null> {
  const [row] = await tx.query<DirectoryRow>({
    name: 'directory_lock',
    text: `select ${DIRECTORY_COLUMNS} from auth.directory d where d.project_id = auth.current_project_id() and d.id = $1 for update`,
    values: [id],
  })
  return row ? toDirectory(row) : null
}

/** Oldest first; of one organization, or all. */
export async function listDirectories(db: ProjectDb, scope: ProjectScope, organizationId: string | null): Promise<Directory[]> {
  const rows = await db.read<DirectoryRow>(scope, {
    name: 'directory_list',
    text: `select ${DIRECTORY_COLUMNS} from auth.directory d
      where d.project_id = auth.current_project_id() and ($1::uuid is null or d.organization_id = $1) order by d.created_at, d.id`,
    values: [organizationId],
  })
  return rows.map(toDirectory)
}

/** Tokens, groups and the log go with it; its people stay, as people of the project. */
export async function deleteDirectory(tx: ProjectTx, id: string): Promise<void> {
  await tx.query({
    name: 'directory_delete',
    text: 'delete from auth.directory where project_id = auth.current_project_id() and id = $1',
    values: [id],
  })
}

export async function countDirectories(tx: ProjectTx): Promise<number> {
  const text = 'select count(*)::int as count from auth.directory where project_id = auth.current_project_id()'
  const [row] = await tx.query<{ count: number }>({ name: 'directory_count', text, values: [] })
  return row?.count ?? 0
}
