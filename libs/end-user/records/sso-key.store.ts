import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** A key of ours for the identity provider of one connection. */
export interface SsoKey {
  id: string
  connectionId: string
  /** PEM. */
  certificate: string
  /** The private key. */
  sealed: Buffer
  signs: boolean
  createdAt: Date
  expiresAt: Date
}

interface Row {
  id: string
  connection_id: string
  certificate: string
  sealed: Buffer
  signs: boolean
  created_at: Date
  expires_at: Date
}

const toKey = (row: Row): SsoKey => ({
  id: row.id,
  connectionId: row.connection_id,
  certificate: row.certificate,
  sealed: row.sealed,
  signs: row.signs,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})

const OF_CONNECTION = {
  name: 'sso_key_list',
  text: `select id, connection_id, certificate, sealed, signs, created_at, expires_at from auth.sso_key
    where project_id = auth.current_project_id() and connection_id = $1 order by created_at, id`,
}

/** Oldest first. */
export async function listSsoKeys(db: ProjectDb, scope: ProjectScope, connectionId: string): Promise<SsoKey[]> {
  return (await db.read<Row>(scope, { ...OF_CONNECTION, values: [connectionId] })).map(toKey)
}

export async function listSsoKeysWithin(tx: ProjectTx, connectionId: string): Promise<SsoKey[]> {
  return (await tx.query<Row>({ ...OF_CONNECTION, values: [connectionId] })).map(toKey)
}

export async function insertSsoKey(tx: ProjectTx, key: SsoKey): Promise<void> {
  await tx.query({
    name: 'sso_key_insert',
    text: `insert into auth.sso_key (project_id, id, connection_id, certificate, sealed, signs, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7)`,
    values: [key.id, key.connectionId, key.certificate, key.sealed, key.signs, key.createdAt, key.expiresAt],
  })
}

/** From now on this one signs and no other does. The caller holds the connection's row. */
export async function setSigningKey(tx: ProjectTx, connectionId: string, id: string): Promise<void> {
  const where = 'where project_id = auth.current_project_id() and connection_id = $1'
  await tx.query({ name: 'sso_key_unset', text: `update auth.sso_key set signs = false ${where} and signs`, values: [connectionId] })
  await tx.query({ name: 'sso_key_set', text: `update auth.sso_key set signs = true ${where} and id = $2`, values: [connectionId, id] })
}

export async function deleteSsoKey(tx: ProjectTx, connectionId: string, id: string): Promise<void> {
  const text = 'delete from auth.sso_key where project_id = auth.current_project_id() and connection_id = $1 and id = $2'
  await tx.query({ name: 'sso_key_delete', text, values: [connectionId, id] })
}
