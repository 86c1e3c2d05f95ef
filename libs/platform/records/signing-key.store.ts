import type { ProjectTx } from '@portico/database/project-db'
import type { KeyState, PublicJwk, SigningAlgorithm } from '@portico/tokens/signing-key'

/** A new key, its secret sealed for exactly this project and kid. */
export interface MintedKey {
  kid: string
  alg: SigningAlgorithm
  sealed: Buffer
  publicJwk: PublicJwk | null
}

export interface KeyRow {
  kid: string
  alg: SigningAlgorithm
  state: KeyState
  sealed: Buffer
  maxTtlSeconds: number
  createdAt: Date
  activatedAt: Date | null
  retiredAt: Date | null
  verifyUntil: Date | null
}

interface RawKey {
  kid: string
  alg: SigningAlgorithm
  state: KeyState
  sealed: Buffer
  max_ttl_seconds: number
  created_at: Date
  activated_at: Date | null
  retired_at: Date | null
  verify_until: Date | null
}

export async function listKeys(tx: ProjectTx): Promise<KeyRow[]> {
  const rows = await tx.query<RawKey>({
    name: 'signing_keys',
    text: `select kid, alg, state, sealed, max_ttl_seconds, created_at, activated_at, retired_at, verify_until from auth.signing_key
      where project_id = auth.current_project_id() order by created_at, kid`,
    values: [],
  })
  return rows.map((row) => ({
    kid: row.kid,
    alg: row.alg,
    state: row.state,
    sealed: row.sealed,
    maxTtlSeconds: row.max_ttl_seconds,
    createdAt: row.created_at,
    activatedAt: row.activated_at,
    retiredAt: row.retired_at,
    verifyUntil: row.verify_until,
  }))
}

export async function insertKey(tx: ProjectTx, key: MintedKey, state: 'standby' | 'current', ttlSeconds: number, now: Date): Promise<void> {
  await tx.query({
    name: 'signing_key_insert',
    text: `insert into auth.signing_key (project_id, kid, alg, state, sealed, public_jwk, max_ttl_seconds, created_at, activated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      key.kid, key.alg, state, key.sealed, key.publicJwk === null ? null : JSON.stringify(key.publicJwk), ttlSeconds, now,
      state === 'current' ? now : null,
    ],
  })
}

/** From now on the key signs, for at most `ttlSeconds` a token. */
export async function activateKey(tx: ProjectTx, kid: string, ttlSeconds: number, now: Date): Promise<void> {
  await tx.query({
    name: 'signing_key_activate',
    text: `update auth.signing_key set state = 'current', activated_at = $2, max_ttl_seconds = $3
      where project_id = auth.current_project_id() and kid = $1`,
    values: [kid, now, ttlSeconds],
  })
}

/** From now on the key signs nothing, and verifies until `verifyUntil`. */
export async function retireKey(tx: ProjectTx, kid: string, verifyUntil: Date, now: Date): Promise<void> {
  await tx.query({
    name: 'signing_key_retire',
    text: `update auth.signing_key set state = 'retired', retired_at = $3, verify_until = $2
      where project_id = auth.current_project_id() and kid = $1`,
    values: [kid, verifyUntil, now],
  })
}

/** Compromise: every key that still verifies stops now. */
export async function retireEveryKey(tx: ProjectTx, now: Date): Promise<void> {
  await tx.query({
    name: 'signing_key_retire_all',
    text: `update auth.signing_key set state = 'retired', retired_at = coalesce(retired_at, $1), verify_until = $1
      where project_id = auth.current_project_id() and (state <> 'retired' or verify_until > $1)`,
    values: [now],
  })
}

/** A key that never signed and that no rotation waits for. */
export async function deleteKey(tx: ProjectTx, kid: string): Promise<void> {
  const text = `delete from auth.signing_key where project_id = auth.current_project_id() and kid = $1 and state = 'standby'`
  await tx.query({ name: 'signing_key_delete', text, values: [kid] })
}

/** The signing key may have signed tokens that live this long, so it must verify that long after its retirement. */
export async function raiseMaxTtl(tx: ProjectTx, ttlSeconds: number): Promise<void> {
  await tx.query({
    name: 'signing_key_raise_ttl',
    text: `update auth.signing_key set max_ttl_seconds = $1
      where project_id = auth.current_project_id() and state = 'current' and max_ttl_seconds < $1`,
    values: [ttlSeconds],
  })
}
