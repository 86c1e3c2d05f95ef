import type { PlatformSql } from '@portico/database/platform-sql'
import type { MailJob } from '@portico/queue/mail-queue'

/** Marks due rows of all projects as handed over and answers their ids. */
export async function claimOutbox(sql: PlatformSql, { now, limit, stuckSeconds }: { now: Date; limit: number; stuckSeconds: number }): Promise<MailJob[]> {
  const rows = await sql.run<{ project_id: string; id: string }>({
    name: 'claim_outbox',
    text: 'select project_id, id from auth.claim_outbox($1, $2, $3)',
    values: [now, limit, stuckSeconds],
  })
  return rows.map((row) => ({ outboxId: row.id, projectId: row.project_id }))
}

export interface OutboxBacklog {
  waiting: number
  dead: number
  /** Age of the oldest row that still waits; 0 when none does. */
  oldestSeconds: number
}

export async function outboxBacklog(sql: PlatformSql, now: Date): Promise<OutboxBacklog> {
  const rows = await sql.run<{ waiting: string; dead: string; oldest_seconds: number }>({
    name: 'outbox_backlog',
    text: 'select waiting, dead, oldest_seconds from auth.outbox_backlog($1)',
    values: [now],
  })
  const row = rows[0]
  return { waiting: Number(row?.waiting ?? 0), dead: Number(row?.dead ?? 0), oldestSeconds: row?.oldest_seconds ?? 0 }
}

/** One bounded round over what signing in leaves behind: mailed challenges, flows, codes. Answers how many rows went. */
export async function sweepSignIn(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_sign_in', text: 'select auth.sweep_sign_in($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** The same over spent and forgotten passkey challenges and sign-ins that never got their second factor. */
export async function sweepFactors(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_factors', text: 'select auth.sweep_factors($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** One bounded round; answers how many rows went. */
export async function sweepExpired(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_expired', text: 'select auth.sweep_expired($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** Projects with a staged key rotation under way. */
export async function openRotations(sql: PlatformSql): Promise<string[]> {
  const rows = await sql.run<{ project_id: string }>({ name: 'open_rotations', text: 'select project_id from auth.open_rotations()', values: [] })
  return rows.map((row) => row.project_id)
}
