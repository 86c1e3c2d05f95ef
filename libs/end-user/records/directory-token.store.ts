import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { DIRECTORY_COLUMNS, toDirectory, type Directory, type DirectoryRow } from './directory.js'

export interface DirectoryToken {
  id: string
  prefix: string
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
}

interface Row {
  id: string
  prefix: string
  created_at: Date
  expires_at: Date | null
  last_used_at: Date | null
}

const toToken = (row: Row): DirectoryToken => ({
  id: row.id,
  prefix: row.prefix,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
})

export async function insertDirectoryToken(
  tx: ProjectTx,
  token: { id: string; directoryId: string; digest: Buffer; prefix: string; expiresAt: Date | null; now: Date },
): Promise<DirectoryToken> {
  const [row] = await tx.query<Row>({
    name: 'directory_token_insert',
    text: `insert into auth.directory_token (project_id, id, directory_id, digest, prefix, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6) returning id, prefix, created_at, expires_at, last_used_at`,
    values: [token.id, token.directoryId, token.digest, token.prefix, token.now, token.expiresAt],
  })
  if (!row) throw new Error('the token was not written')
  return toToken(row)
}

/** Those that are over as well; oldest first. */
export async function listDirectoryTokens(db: ProjectDb, scope: ProjectScope, directoryId: string): Promise<DirectoryToken[]> {
  const rows = await db.read<Row>(scope, {
    name: 'directory_token_list',
    text: `select id, prefix, created_at, expires_at, last_used_at from auth.directory_token
      where project_id = auth.current_project_id() and directory_id = $1 order by created_at, id`,
    values: [directoryId],
  })
  return rows.map(toToken)
}

/** Lock the directory first. */
export async function countLiveDirectoryTokens(tx: ProjectTx, directoryId: string, now: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'directory_token_count',
    text: `select count(*)::int as count from auth.directory_token
      where project_id = auth.current_project_id() and directory_id = $1 and (expires_at is null or expires_at > $2)`,
    values: [directoryId, now],
  })
  return row?.count ?? 0
}

/** False: there is no such token. */
export async function deleteDirectoryToken(tx: ProjectTx, directoryId: string, id: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'directory_token_delete',
    text: `delete from auth.directory_token where project_id = auth.current_project_id() and directory_id = $1 and id = $2 returning id`,
    values: [directoryId, id],
  })
  return rows.length > 0
}

/** The directory that a live token of this project is for. Notes the use, at most once a minute. */
export async function findDirectoryByToken(
  db: ProjectDb,
  scope: ProjectScope,
  digest: Buffer,
  now: Date,
): Promise<{ directory: Directory; expiresAt: Date | null } | null> {
  const [row] = await db.read<DirectoryRow & { expires_at: Date | null }>(scope, {
    name: 'directory_by_token',
    text: `with token as (
        select t.id, t.directory_id, t.expires_at, t.last_used_at from auth.directory_token t
        where t.project_id = auth.current_project_id() and t.digest = $1 and (t.expires_at is null or t.expires_at > $2)),
      used as (
        update auth.directory_token u set last_used_at = $2 from token
        where u.project_id = auth.current_project_id() and u.id = token.id
          and (token.last_used_at is null or token.last_used_at < $2::timestamptz - interval '60 seconds')
        returning u.directory_id),
      used_directory as (
        update auth.directory d set last_used_at = $2 from used where d.project_id = auth.current_project_id() and d.id = used.directory_id)
      select ${DIRECTORY_COLUMNS}, token.expires_at from token
        join auth.directory d on d.project_id = auth.current_project_id() and d.id = token.directory_id`,
    values: [digest, now],
  })
  return row ? { directory: toDirectory(row), expiresAt: row.expires_at } : null
}
