import type { ProjectTx } from '@portico/database/project-db'

export interface DirectoryGroup {
  id: string
  directoryId: string
  displayName: string
  externalId: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export interface DirectoryGroupRow {
  id: string
  directory_id: string
  display_name: string
  external_id: string | null
  version: number
  created_at: Date
  updated_at: Date
}

/** Of a table or alias `d`. */
export const DIRECTORY_GROUP_COLUMNS = 'd.id, d.directory_id, d.display_name, d.external_id, d.version, d.created_at, d.updated_at'

export function toDirectoryGroup(row: DirectoryGroupRow): DirectoryGroup {
  return {
    id: row.id,
    directoryId: row.directory_id,
    displayName: row.display_name,
    externalId: row.external_id,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** False: another group of the directory is called so. */
export async function insertDirectoryGroup(tx: ProjectTx, group: DirectoryGroup): Promise<boolean> {
  const rows = await tx.query({
    name: 'directory_group_insert',
    text: `insert into auth.directory_group (project_id, id, directory_id, display_name, display_name_key, external_id, created_at,
        updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $6)
      on conflict (project_id, directory_id, display_name_key) do nothing returning id`,
    values: [group.id, group.directoryId, group.displayName, group.displayName.toLowerCase(), group.externalId, group.createdAt],
  })
  return rows.length > 0
}

/** The next version. Throws the unique violation when the name is taken. */
export async function saveDirectoryGroup(tx: ProjectTx, group: DirectoryGroup): Promise<DirectoryGroup> {
  const [row] = await tx.query<DirectoryGroupRow>({
    name: 'directory_group_save',
    text: `update auth.directory_group d set display_name = $2, display_name_key = $3, external_id = $4, updated_at = $5,
        version = version + 1
      where d.project_id = auth.current_project_id() and d.id = $1 returning ${DIRECTORY_GROUP_COLUMNS}`,
    values: [group.id, group.displayName, group.displayName.toLowerCase(), group.externalId, group.updatedAt],
  })
  if (!row) throw new Error('the locked group is gone')
  return toDirectoryGroup(row)
}

/** Of this directory; locked until the end of the transaction. */
export async function lockDirectoryGroup(tx: ProjectTx, directoryId: string, id: string): Promise<DirectoryGroup | null> {
  const [row] = await tx.query<DirectoryGroupRow>({
    name: 'directory_group_lock',
    text: `select ${DIRECTORY_GROUP_COLUMNS} from auth.directory_group d
      where d.project_id = auth.current_project_id() and d.directory_id = $1 and d.id = $2 for update`,
    values: [directoryId, id],
  })
  return row ? toDirectoryGroup(row) : null
}

export async function deleteDirectoryGroup(tx: ProjectTx, id: string): Promise<void> {
  await tx.query({
    name: 'directory_group_delete',
    text: 'delete from auth.directory_group where project_id = auth.current_project_id() and id = $1',
    values: [id],
  })
}

export async function countDirectoryGroups(tx: ProjectTx, directoryId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'directory_group_count',
    text: `select count(*)::int as count from auth.directory_group where project_id = auth.current_project_id() and directory_id = $1`,
    values: [directoryId],
  })
  return row?.count ?? 0
}
