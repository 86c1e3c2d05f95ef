import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'

export interface UnsignedHead {
  projectId: string
  seq: number
  /** Hex. */
  head: string
}

/** Projects whose log has grown since its last signature and has none of this day. */
export function unsignedHeads(sql: PlatformSql, round: { day: string; limit: number }): Promise<UnsignedHead[]> {
  return sql.run<UnsignedHead>({
    name: 'unsigned_audit_heads',
    text: `select project_id as "projectId", seq::int as seq, encode(head, 'hex') as head from auth.unsigned_audit_heads($1, $2)`,
    values: [round.day, round.limit],
  })
}

export async function saveSignedHeads(
  sql: PlatformSql,
  signed: { publicJwk: Record<string, unknown>; day: string; heads: { projectId: string; seq: number; jws: string }[]; now: Date },
): Promise<void> {
  const heads = signed.heads.map(({ projectId, seq, jws }) => ({ project_id: projectId, seq, jws }))
  await sql.run({
    name: 'sign_audit_heads',
    text: 'select auth.sign_audit_heads($1, $2, $3, $4)',
    values: [JSON.stringify(signed.publicJwk), signed.day, JSON.stringify(heads), signed.now],
  })
}

/** A link of the chain with its row, as far as that is there; texts exactly as they were hashed. */
export interface ChainedRow {
  seq: number
  eventId: string
  leaf: string
  commitment: string
  head: string
  /** `null`: the row is gone. */
  action: string | null
  actorType: string | null
  actorId: string | null
  resource: string | null
  resourceId: string | null
  metadata: string | null
  createdAt: string | null
  ip: string | null
  userAgent: string | null
  /** What the commitment is salted with; `null`: destroyed. */
  salt: string | null
}

export function chainedRows(tx: ProjectTx, after: number, limit: number): Promise<ChainedRow[]> {
  return tx.query<ChainedRow>({
    name: 'audit_chained_rows',
    text: `select l.seq::int as seq, l.event_id as "eventId", encode(l.leaf, 'hex') as leaf, encode(l.commitment, 'hex') as commitment,
        encode(l.head, 'hex') as head, e.action, e.actor_type as "actorType", e.actor_id as "actorId", e.resource, e.resource_id as "resourceId",
        e.metadata::text as metadata, to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "createdAt",
        e.ip, e.user_agent as "userAgent", encode(sha256(k.key || uuid_send(e.id)), 'hex') as salt
      from auth.audit_link l
      left join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
      left join auth.audit_person_key k on k.project_id = l.project_id
        and k.end_user_id = auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id)
      where l.project_id = auth.current_project_id() and l.seq > $1 order by l.seq limit $2`,
    values: [after, limit],
  })
}

export interface SignedHead {
  seq: number
  jws: string
}

export function signedHeads(tx: ProjectTx): Promise<SignedHead[]> {
  return tx.query<SignedHead>({
    name: 'audit_signed_heads',
    text: 'select seq::int as seq, jws from auth.audit_signature where project_id = auth.current_project_id() order by seq',
    values: [],
  })
}

export async function auditKeys(sql: PlatformSql): Promise<Record<string, unknown>[]> {
  const rows = await sql.run<{ public_jwk: Record<string, unknown> }>({
    name: 'audit_keys',
    text: 'select public_jwk from platform.audit_key order by created_at',
    values: [],
  })
  return rows.map((row) => row.public_jwk)
}
