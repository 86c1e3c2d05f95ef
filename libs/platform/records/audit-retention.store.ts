import type { PlatformSql } from '@portico/database/platform-sql'
import { snakeKeys } from '@portico/kernel/snake-case'
import { doneBy } from '../audit-actor.js'
import type { AuditLogRef } from '@portico/tokens/audit-signer'
import type { Caller } from '../caller.js'

/** In days; `null`: for ever. */
export async function auditRetention(sql: PlatformSql, tenantId: string): Promise<number | null> {
  const [row] = await sql.run<{ days: number | null }>({
    name: 'audit_retention',
    text: 'select auth.audit_retention($1) as days',
    values: [tenantId],
  })
  return row?.days ?? null
}

/** With the audit row of the change. */
export async function saveAuditRetention(sql: PlatformSql, by: Caller, days: number | null, now: Date): Promise<void> {
  const audit = tenantAudit(by, 'audit.retention_changed', { days })
  await sql.runWithEvents({
    name: 'change_audit_retention',
    text: 'select auth.change_audit_retention($1, $2, $3, $4)',
    values: [by.tenantId, days, audit, now],
  })
}

/** What `auth.note_tenant_audit` takes. */
export function tenantAudit(
  by: Caller,
  action: 'audit.retention_changed' | 'audit.stream_set' | 'audit.stream_removed',
  metadata: object,
): string {
  const { actor, ip, userAgent } = doneBy(by)
  return JSON.stringify(snakeKeys<unknown>({ action, actorType: actor.type, actorId: actor.id, ip, userAgent, metadata }))
}

export interface DueAuditCut {
  log: AuditLogRef
  seq: number
  /** Hex. */
  head: string
  /** Everything up to `seq` was chained before. */
  before: Date
}

export async function dueAuditCuts(sql: PlatformSql, round: { now: Date; limit: number; rows: number }): Promise<DueAuditCut[]> {
  const rows = await sql.run<Omit<DueAuditCut, 'log'> & AuditLogRef>({
    name: 'due_audit_cuts',
    text: `select kind, subject_id as id, seq::int as seq, encode(head, 'hex') as head, before from auth.due_audit_cuts($1, $2, $3)`,
    values: [round.now, round.limit, round.rows],
  })
  return rows.map(({ kind, id, ...cut }) => ({ log: { kind, id }, ...cut }))
}

export interface AuditCut {
  log: AuditLogRef
  seq: number
  before: Date
  jws: string
  publicJwk: object
  now: Date
}

/** How many rows went. */
export async function cutAudit(sql: PlatformSql, { log, seq, before, jws, publicJwk, now }: AuditCut): Promise<number> {
  const [row] = await sql.run<{ gone: number }>({
    name: 'cut_audit',
    text: 'select auth.cut_audit($1, $2, $3, $4, $5, $6, $7) as gone',
    values: [log.kind, log.id, seq, before, jws, JSON.stringify(publicJwk), now],
  })
  return row?.gone ?? 0
}
