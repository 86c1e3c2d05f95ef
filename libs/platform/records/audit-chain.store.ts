import type { PlatformSql } from '@portico/database/platform-sql'
import type { AuditLogRef } from '@portico/tokens/audit-signer'

export interface UnsignedHead {
  log: AuditLogRef
  seq: number
  /** Hex. */
  head: string
}

/** Logs that have grown since their last signature and have none of this day. */
export async function unsignedHeads(sql: PlatformSql, round: { day: string; limit: number }): Promise<UnsignedHead[]> {
  const rows = await sql.run<AuditLogRef & { seq: number; head: string }>({
    name: 'unsigned_audit_heads',
    text: `select kind, subject_id as id, seq::int as seq, encode(head, 'hex') as head from auth.unsigned_audit_heads($1, $2)`,
    values: [round.day, round.limit],
  })
  return rows.map(({ kind, id, seq, head }) => ({ log: { kind, id }, seq, head }))
}

export async function saveSignedHeads(
  sql: PlatformSql,
  signed: { publicJwk: object; day: string; heads: { log: AuditLogRef; seq: number; jws: string }[]; now: Date },
): Promise<void> {
  const heads = signed.heads.map(({ log, seq, jws }) => ({ kind: log.kind, ['subject_id']: log.id, seq, jws }))
  await sql.run({
    name: 'sign_audit_heads',
    text: 'select auth.sign_audit_heads($1, $2, $3, $4)',
    values: [JSON.stringify(signed.publicJwk), signed.day, JSON.stringify(heads), signed.now],
  })
}

/** A row of a log as a line of an export, whose texts are those that were hashed. */
export interface ChainedLine {
  seq: number
  /** Of the chain up to this row; hex. */
  head: string
  line: string
}

export function chainedLines(sql: PlatformSql, log: AuditLogRef, after: number, limit: number): Promise<ChainedLine[]> {
  return sql.run<ChainedLine>({
    name: 'audit_lines',
    text: 'select seq::int as seq, head, line from auth.audit_lines($1, $2, $3, $4)',
    values: [log.kind, log.id, after, limit],
  })
}

export interface StatementLine {
  type: 'signature' | 'retention' | 'erasure'
  seq: number | null
  line: string
}

/** What was signed about the rows of a range, as lines of an export. */
export function statementLines(sql: PlatformSql, log: AuditLogRef, range: { after: number; to: number }): Promise<StatementLine[]> {
  return sql.run<StatementLine>({
    name: 'audit_statements',
    text: 'select type, seq::int as seq, line from auth.audit_statements($1, $2, $3, $4)',
    values: [log.kind, log.id, range.after, range.to],
  })
}

export async function auditKeys(sql: PlatformSql): Promise<Record<string, unknown>[]> {
  const rows = await sql.run<{ public_jwk: Record<string, unknown> }>({
    name: 'audit_keys',
    text: 'select public_jwk from auth.audit_keys()',
    values: [],
  })
  return rows.map((row) => row.public_jwk)
}

export async function publishAuditKey(sql: PlatformSql, publicJwk: object, now: Date): Promise<void> {
  await sql.run({ name: 'publish_audit_key', text: 'select auth.publish_audit_key($1, $2)', values: [JSON.stringify(publicJwk), now] })
}
