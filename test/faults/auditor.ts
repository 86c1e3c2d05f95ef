import type { FaultStage, FaultProject } from './fault-stage.js'
import type { Entry } from './load.js'

/** P6: the only 5xx is 503, and it says when to come again. */
export function unclean(ledger: readonly Entry[]): string[] {
  return ledger
    .filter((entry) => entry.status !== null && entry.status >= 500 && !(entry.status === 503 && entry.retryAfter !== null && entry.code !== null))
    .map((entry) => `${entry.kind} was answered ${entry.status} ${entry.code}${entry.retryAfter === null ? ' without Retry-After' : ''}`)
}

/** P1 and P14: every acknowledged sign-up is there, with exactly one audit row. */
export async function auditSignUps(stage: FaultStage, project: FaultProject, ledger: readonly Entry[]): Promise<string[]> {
  const acknowledged = ledger.filter((entry) => entry.kind === 'signup' && entry.status === 201)
  return stage.sql(async (owner) => {
    const users = new Map((await owner.query<{ email: string; id: string }>('select email, id from auth.end_user where project_id = $1', [project.id])).map((row) => [row.email, row.id]))
    const audited = new Map(
      (await owner.query<{ id: string; n: number }>(`select resource_id as id, count(*)::int as n from auth.audit_event where project_id = $1 and action = 'user.signed_up' group by 1`, [project.id])).map((row) => [row.id, row.n]),
    )
    const problems: string[] = []
    for (const { email, body } of acknowledged) {
      const id = users.get(email)
      if (id === undefined || id !== body?.['user_id']) problems.push(`${email} was acknowledged and is lost`)
      else if (audited.get(id) !== 1) problems.push(`${email} has ${audited.get(id) ?? 0} audit rows`)
    }
    for (const [email, id] of users) if ((audited.get(id) ?? 0) > 1) problems.push(`${email} has more than one audit row`)
    return problems
  })
}

/** P3 and P4: one mail for every acknowledged request, one only for whoever honours keys, byte-identical on every try. */
export async function auditMail(stage: FaultStage, project: FaultProject, acknowledged: number): Promise<string[]> {
  const problems: string[] = []
  const rows = await stage.sql((owner) => owner.query<{ id: string; status: string; last_error: string | null }>('select id, status, last_error from auth.outbox where project_id = $1', [project.id]))
  if (rows.length < acknowledged) problems.push(`${acknowledged} requests were acknowledged, ${rows.length} rows are there`)
  const unsent = rows.filter((row) => row.status !== 'sent')
  if (unsent.length > 0) problems.push(`${unsent.length} rows were not sent: ${JSON.stringify(unsent[0])}`)
  const keys = stage.provider.mails.map((mail) => mail.idempotencyKey)
  if (new Set(keys).size !== keys.length) problems.push('the provider took a key twice')
  if (keys.length !== rows.filter((row) => row.status === 'sent').length) problems.push(`${rows.length} rows and ${keys.length} mails`)
  const bodies = new Map<string | null, string>()
  for (const attempt of stage.provider.attempts) {
    const known = bodies.get(attempt.idempotencyKey)
    if (known !== undefined && known !== attempt.body) problems.push('a retry differed from the first try')
    bodies.set(attempt.idempotencyKey, attempt.body)
  }
  return [...new Set(problems)]
}

/** Seconds from `at` to the first success that was sent after it. */
export function secondsToRecovery(ledger: readonly Entry[], at: number): number {
  const good = ledger.filter((entry) => entry.sentAt >= at && entry.status !== null && entry.status < 300).map((entry) => entry.sentAt + entry.ms)
  return good.length === 0 ? Infinity : (Math.min(...good) - at) / 1000
}

export function count(ledger: readonly Entry[]): string {
  const by = new Map<string, number>()
  for (const entry of ledger) by.set(String(entry.status ?? 'none'), (by.get(String(entry.status ?? 'none')) ?? 0) + 1)
  return [...by].toSorted().map(([status, n]) => `${status}: ${n}`).join(', ')
}
