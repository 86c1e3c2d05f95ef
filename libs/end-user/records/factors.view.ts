import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** A factor that the user may be asked for. */
export interface OfferedFactor {
  id: string
  type: 'totp' | 'webauthn'
  friendlyName: string | null
}

/** A factor as its owner sees it: never the seed. */
export interface ListedFactor extends OfferedFactor {
  active: boolean
  createdAt: Date
  lastUsedAt: Date | null
}

/** Authenticator apps and passkeys, the oldest first. */
export async function listFactors(db: ProjectDb, scope: ProjectScope, userId: string): Promise<ListedFactor[]> {
  const rows = await db.read<{
    id: string
    type: OfferedFactor['type']
    friendly_name: string | null
    active: boolean
    created_at: Date
    last_used_at: Date | null
  }>(scope, {
    name: 'factor_list',
    text: `select id, type, friendly_name, activated_at is not null as active, created_at, last_used_at from auth.factor
        where project_id = auth.current_project_id() and end_user_id = $1
      union all
      select id, 'webauthn', friendly_name, true, created_at, last_used_at from auth.webauthn_credential
        where project_id = auth.current_project_id() and end_user_id = $1
      order by created_at, id`,
    values: [userId],
  })
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    friendlyName: row.friendly_name,
    active: row.active,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }))
}

const ACTIVE = `select f.id, f.type, f.friendly_name from jsonb_to_recordset(auth.active_factors(auth.current_project_id(), $1))
  as f (id uuid, type text, friendly_name text)`

interface ActiveRow {
  id: string
  type: OfferedFactor['type']
  friendly_name: string | null
}

const toOffered = ({ id, type, friendly_name: friendlyName }: ActiveRow): OfferedFactor => ({ id, type, friendlyName })

/** What the user can be asked for. */
export async function readActiveFactors(db: ProjectDb, scope: ProjectScope, userId: string): Promise<OfferedFactor[]> {
  return (await db.read<ActiveRow>(scope, { name: 'factor_active', text: ACTIVE, values: [userId] })).map(toOffered)
}

export async function activeFactorsWithin(tx: ProjectTx, userId: string): Promise<OfferedFactor[]> {
  return (await tx.query<ActiveRow>({ name: 'factor_active', text: ACTIVE, values: [userId] })).map(toOffered)
}
