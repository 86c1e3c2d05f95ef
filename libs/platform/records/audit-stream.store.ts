import type { PlatformSql } from '@portico/database/platform-sql'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'
import type { AuditLogRef } from '@portico/tokens/audit-signer'
import type { Caller } from '../caller.js'
import { tenantAudit } from './audit-retention.store.js'

export type AuditDestination =
  | { kind: 'https'; url: string }
  | { kind: 's3'; endpoint: string; region: string; bucket: string; prefix: string; accessKeyId: string }

export interface AuditStream {
  id: string
  destination: AuditDestination
  secretSealed: Buffer
  failingSince: Date | null
  problem: string | null
  deliveredAt: Date | null
  parts: number
  /** Chained rows that were not delivered yet. */
  behind: number
  nextAttemptAt: Date
  createdAt: Date
  updatedAt: Date
}

type Stored<T> = Omit<T, 'destination'> & { kind: string; config: Record<string, string> }

function destinationOf<T>({ kind, config, ...rest }: Stored<T>): Omit<T, 'destination'> & { destination: AuditDestination } {
  return { ...(rest as unknown as Omit<T, 'destination'>), destination: { kind, ...camelKeys(config) } as AuditDestination }
}

export async function findAuditStream(sql: PlatformSql, tenantId: string): Promise<AuditStream | null> {
  const [row] = await sql.run<Stored<AuditStream>>({
    name: 'audit_stream',
    text: `select id, kind, config, secret_sealed as "secretSealed", failing_since as "failingSince", problem, delivered_at as "deliveredAt",
      parts::int as parts, behind::int as behind, next_attempt_at as "nextAttemptAt", created_at as "createdAt", updated_at as "updatedAt"
      from auth.audit_stream($1)`,
    values: [tenantId],
  })
  return row ? destinationOf<AuditStream>(row) : null
}

export async function saveAuditStream(
  sql: PlatformSql,
  by: Caller,
  { id, destination: { kind, ...config }, secretSealed }: Pick<AuditStream, 'id' | 'destination' | 'secretSealed'>,
  now: Date,
): Promise<void> {
  const stream = JSON.stringify({ id, kind, config: snakeKeys(config) })
  await sql.runWithEvents({
    name: 'set_audit_stream',
    text: 'select auth.set_audit_stream($1, $2, $3, $4, $5)',
    values: [by.tenantId, stream, secretSealed, tenantAudit(by, 'audit.stream_set', { kind }), now],
  })
}

/** Whether there was one. */
export async function removeAuditStream(sql: PlatformSql, by: Caller, now: Date): Promise<boolean> {
  const [row] = await sql.runWithEvents<{ removed: boolean }>({
    name: 'remove_audit_stream',
    text: 'select auth.remove_audit_stream($1, $2, $3) as removed',
    values: [by.tenantId, tenantAudit(by, 'audit.stream_removed', {}), now],
  })
  return row?.removed === true
}

export interface DueAuditStream {
  tenantId: string
  id: string
  destination: AuditDestination
  secretSealed: Buffer
  /** Rounds that have failed since the last one that did not. */
  attempts: number
}

export async function claimAuditStreams(
  sql: PlatformSql,
  round: { now: Date; leaseSeconds: number; limit: number },
): Promise<DueAuditStream[]> {
  const rows = await sql.run<Stored<DueAuditStream>>({
    name: 'claim_audit_streams',
    text: `select tenant_id as "tenantId", id, kind, config, secret_sealed as "secretSealed", attempts
      from auth.claim_audit_streams($1, $2, $3)`,
    values: [round.now, round.leaseSeconds, round.limit],
  })
  return rows.map((row) => destinationOf<DueAuditStream>(row))
}

/** A log that has grown since the stream delivered it last. */
export interface DueAuditPart {
  log: AuditLogRef
  after: number
  /** Of the row `after`; hex. */
  head: string | null
  signedTo: number
}

export async function dueAuditParts(sql: PlatformSql, stream: DueAuditStream, limit: number): Promise<DueAuditPart[]> {
  const rows = await sql.run<Omit<DueAuditPart, 'log'> & AuditLogRef>({
    name: 'due_audit_parts',
    text: `select kind, subject_id as id, seq::int as after, encode(head, 'hex') as head, signature_seq::int as "signedTo"
      from auth.due_audit_parts($1, $2, $3)`,
    values: [stream.tenantId, stream.id, limit],
  })
  return rows.map(({ kind, id, ...place }) => ({ log: { kind, id }, ...place }))
}

export async function noteAuditPart(
  sql: PlatformSql,
  part: { streamId: string; log: AuditLogRef; seq: number; signedTo: number; leaseSeconds: number; now: Date },
): Promise<void> {
  await sql.run({
    name: 'note_audit_part',
    text: 'select auth.note_audit_part($1, $2, $3, $4, $5, $6)',
    values: [part.streamId, part.log.id, part.seq, part.signedTo, part.leaseSeconds, part.now],
  })
}

export async function releaseAuditStream(
  sql: PlatformSql,
  end: { streamId: string; problem: string | null; nextAttemptAt: Date; now: Date },
): Promise<void> {
  await sql.run({
    name: 'release_audit_stream',
    text: 'select auth.release_audit_stream($1, $2, $3, $4)',
    values: [end.streamId, end.problem, end.nextAttemptAt, end.now],
  })
}

/** For the rotation of the master key. */
export function auditStreamSecrets(sql: PlatformSql): Promise<{ tenantId: string; id: string; sealed: Buffer }[]> {
  return sql.run({
    name: 'sealed_audit_streams',
    text: 'select tenant_id as "tenantId", id, sealed from auth.sealed_audit_streams(null, null, null)',
    values: [],
  })
}

/** Whether it was replaced: one that changed meanwhile is left alone. */
export async function replaceAuditStreamSecret(sql: PlatformSql, id: string, before: Buffer, fresh: Buffer): Promise<boolean> {
  const text = 'select id from auth.sealed_audit_streams($1, $2, $3)'
  return (await sql.run({ name: 'reseal_audit_stream', text, values: [id, before, fresh] })).length > 0
}
