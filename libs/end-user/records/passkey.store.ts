import type { NewPasskey } from '@portico/authenticators/passkeys'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { noteDetails } from './user-details.store.js'

/** A passkey as its owner sees it. */
export interface ListedPasskey {
  id: string
  credentialId: Buffer
  publicKey: Buffer
  signCount: number
  transports: string[]
  aaguid: string | null
  backupEligible: boolean
  backedUp: boolean
  rpId: string
  /** `null`: neither said nor seen. */
  discoverable: boolean | null
  userVerified: boolean
  friendlyName: string
  userAgent: string | null
  createdAt: Date
  lastUsedAt: Date | null
}

interface Row {
  id: string
  credential_id: Buffer
  public_key: Buffer
  sign_count: string
  transports: string[]
  aaguid: string | null
  backup_eligible: boolean
  backed_up: boolean
  rp_id: string
  discoverable: boolean | null
  user_verified: boolean
  friendly_name: string
  user_agent: string | null
  created_at: Date
  last_used_at: Date | null
}

const COLUMNS = `id, credential_id, public_key, sign_count, transports, aaguid, backup_eligible, backed_up, rp_id, discoverable, user_verified, friendly_name,
  user_agent, created_at, last_used_at`

const toPasskey = (row: Row): ListedPasskey => ({
  id: row.id,
  credentialId: row.credential_id,
  publicKey: row.public_key,
  signCount: Number(row.sign_count),
  transports: row.transports,
  aaguid: row.aaguid,
  backupEligible: row.backup_eligible,
  backedUp: row.backed_up,
  rpId: row.rp_id,
  discoverable: row.discoverable,
  userVerified: row.user_verified,
  friendlyName: row.friendly_name,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
})

/** The user's passkeys, the oldest first. */
export async function listPasskeys(db: ProjectDb, scope: ProjectScope, userId: string): Promise<ListedPasskey[]> {
  const rows = await db.read<Row>(scope, {
    name: 'passkey_list',
    text: `select ${COLUMNS} from auth.webauthn_credential where project_id = auth.current_project_id() and end_user_id = $1 order by created_at, id`,
    values: [userId],
  })
  return rows.map(toPasskey)
}

export async function countPasskeys(tx: ProjectTx, userId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'passkey_count',
    text: 'select count(*)::int as count from auth.webauthn_credential where project_id = auth.current_project_id() and end_user_id = $1',
    values: [userId],
  })
  return row?.count ?? 0
}

export interface FoundPasskey {
  id: string
  publicKey: Buffer
  rpId: string
  backupEligible: boolean
  userId: string
  emailVerified: boolean
}

/** A passkey by the id that its authenticator gave it, and whose it is. */
export async function findPasskey(
  db: ProjectDb,
  scope: ProjectScope,
  credentialId: Buffer,
): Promise<FoundPasskey | null> {
  const [row] = await db.read<{
    id: string
    public_key: Buffer
    rp_id: string
    backup_eligible: boolean
      end_user_id: string
    email_verified: boolean
  }>(scope, {
    name: 'passkey_by_credential_id',
    text: `select c.id, c.public_key, c.rp_id, c.backup_eligible, c.end_user_id, u.email_verified_at is not null as email_verified
      from auth.webauthn_credential c join auth.end_user u on u.project_id = c.project_id and u.id = c.end_user_id
      where c.project_id = auth.current_project_id() and c.credential_id = $1 and u.disabled_at is null`,
    values: [credentialId],
  })
  if (!row) return null
  return {
    id: row.id,
    publicKey: row.public_key,
    rpId: row.rp_id,
    backupEligible: row.backup_eligible,
      userId: row.end_user_id,
    emailVerified: row.email_verified,
  }
}

/** `null`: the project has this credential already. */
export async function insertPasskey(
  tx: ProjectTx,
  input: { id: string; userId: string; passkey: NewPasskey; rpId: string; friendlyName: string; userAgent: string | null; now: Date },
): Promise<ListedPasskey | null> {
  const { passkey } = input
  await noteDetails(tx, input.userId)
  const [row] = await tx.query<Row>({
    name: 'passkey_insert',
    text: `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, transports, aaguid,
        backup_eligible, backed_up, rp_id, friendly_name, user_agent, created_at, discoverable, user_verified)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
      on conflict (project_id, credential_id) do nothing returning ${COLUMNS}`,
    values: [
      input.id,
      input.userId,
      passkey.credentialId,
      passkey.publicKey,
      passkey.signCount,
      passkey.transports,
      passkey.aaguid,
      passkey.backupEligible,
      passkey.backedUp,
      input.rpId,
      input.friendlyName,
      input.userAgent,
      input.now,
      passkey.discoverable,
      passkey.userVerified,
    ],
  })
  return row ? toPasskey(row) : null
}

/**
 * Raises the sign count. False: it did not grow, so there may be a copy of the passkey (WebAuthn, 7.2, step 22). Zero on both sides: it
 * does not count.
 */
export async function raiseSignCount(
  tx: ProjectTx,
  input: { id: string; signCount: number; backedUp: boolean; discovered: boolean; userVerified: boolean; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'passkey_raise_sign_count',
    text: `update auth.webauthn_credential set sign_count = $2, backed_up = $3, last_used_at = $4,
        discoverable = case when $5 then true else discoverable end, user_verified = user_verified or $6
      where project_id = auth.current_project_id() and id = $1 and (sign_count < $2::bigint or (sign_count = 0 and $2::bigint = 0)) returning id`,
    values: [input.id, input.signCount, input.backedUp, input.now, input.discovered, input.userVerified],
  })
  return rows.length > 0
}

export async function renamePasskey(
  tx: ProjectTx,
  input: { userId: string; id: string; friendlyName: string },
): Promise<ListedPasskey | null> {
  const [row] = await tx.query<Row>({
    name: 'passkey_rename',
    text: `update auth.webauthn_credential set friendly_name = $3 where project_id = auth.current_project_id() and end_user_id = $1 and id = $2 returning ${COLUMNS}`,
    values: [input.userId, input.id, input.friendlyName],
  })
  return row ? toPasskey(row) : null
}

/** All of the user's passkeys, or those made since; answers how many went. */
export async function deletePasskeys(tx: ProjectTx, userId: string, since: Date | null = null): Promise<number> {
  const rows = await tx.query({
    name: 'passkey_delete_all',
    text: `delete from auth.webauthn_credential
      where project_id = auth.current_project_id() and end_user_id = $1 and ($2::timestamptz is null or created_at >= $2) returning id`,
    values: [userId, since],
  })
  return rows.length
}

export async function deletePasskey(tx: ProjectTx, userId: string, id: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'passkey_delete',
    text: 'delete from auth.webauthn_credential where project_id = auth.current_project_id() and end_user_id = $1 and id = $2 returning id',
    values: [userId, id],
  })
  return rows.length > 0
}
