import type { AppProcess } from '../support/processes.js'
import type { FaultStage, FaultProject } from './fault-stage.js'
import type { Entry } from './load.js'

/** P6: the only 5xx is 503, and it says when to come again. */
export function unclean(ledger: readonly Entry[]): string[] {
  return ledger
    .filter(
      (entry) =>
        entry.status !== null && entry.status >= 500 && !(entry.status === 503 && entry.retryAfter !== null && entry.code !== null),
    )
    .map((entry) => `${entry.kind} was answered ${entry.status} ${entry.code}${entry.retryAfter === null ? ' without Retry-After' : ''}`)
}

/** Where no server was killed, every request gets an answer. */
export function unanswered(ledger: readonly Entry[]): string[] {
  const lost = ledger.filter((entry) => entry.status === null)
  return lost.length === 0 ? [] : [`${lost.length} requests got no answer, the first a ${lost[0]?.kind} after ${lost[0]?.ms.toFixed(0)} ms`]
}

/** The session that an answer's access token names. */
export function sessionOf(entry: Entry): string {
  const payload = String(entry.body?.['access_token']).split('.')[1] ?? ''
  return (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sid: string }).sid
}

interface Audited {
  /** Of `auth.audit_event`. */
  action: string
  /** The user or session that the row is about. */
  id: string
}

/**
 * P1 and P14: holds the database against the ledger. Every acknowledged change is there, with exactly one audit row, and with one outbox
 * row when a mail must follow; nothing that was ended lives; and no audit row speaks of a change that is not there.
 */
export async function auditChanges(stage: FaultStage, project: FaultProject, ledger: readonly Entry[]): Promise<string[]> {
  const acknowledged = (kind: string) => ledger.filter((entry) => entry.kind === kind && entry.status !== null && entry.status < 300)
  return stage.sql(async (owner) => {
    const problems: string[] = []
    const all = <R>(text: string) => owner.query<R>(text, [project.id])
    const users = new Map(
      (await all<{ email: string; id: string }>('select email, id from auth.end_user where project_id = $1')).map((row) => [
        row.email,
        row.id,
      ]),
    )
    const sessions = new Map(
      (await all<{ id: string; open: boolean }>('select id, ended_at is null as open from auth.session where project_id = $1')).map(
        (row) => [row.id, row.open],
      ),
    )
    const audit = new Map(
      (
        await all<{ key: string; n: number }>(
          `select action || ' ' || resource_id as key, count(*)::int as n from auth.audit_event where project_id = $1 group by 1`,
        )
      ).map((row) => [row.key, row.n]),
    )
    const enqueued = new Map(
      (await all<{ key: string; n: number }>(`select kind || ' ' || coalesce(payload->>'end_user_id', payload->>'address') as key, count(*)::int as n from auth.outbox where project_id = $1 group by 1`)).map((row) => [row.key, row.n]),
    )
    const once = (what: string, { action, id }: Audited) => {
      const rows = audit.get(`${action} ${id}`) ?? 0
      if (rows !== 1) problems.push(`${what} has ${rows} audit rows`)
    }
    const mustHaveMail = (what: string, key: string) => {
      const rows = enqueued.get(key) ?? 0
      if (rows !== 1) problems.push(`${what} has ${rows} outbox rows`)
    }
    for (const entry of acknowledged('signup')) {
      const id = users.get(entry.email)
      if (id === undefined || id !== entry.body?.['user_id']) {
        problems.push(`${entry.email} was acknowledged and is lost`)
        continue
      }
      if (!sessions.has(sessionOf(entry))) problems.push(`the first session of ${entry.email} is lost`)
      once(`the sign-up of ${entry.email}`, { action: 'user.signed_up', id })
      mustHaveMail(`the sign-up of ${entry.email}`, `email_confirm ${id}`)
    }
    for (const entry of acknowledged('login')) {
      if (!sessions.has(sessionOf(entry))) problems.push(`a session of ${entry.email} was acknowledged and is lost`)
      once(`a login of ${entry.email}`, { action: 'session.started', id: sessionOf(entry) })
    }
    for (const entry of acknowledged('logout')) {
      if (sessions.get(entry.about ?? '') !== false) problems.push(`an acknowledged logout of ${entry.email} is lost: the session lives`)
      once(`a logout of ${entry.email}`, { action: 'session.ended', id: entry.about ?? '' })
    }
    for (const entry of acknowledged('password')) {
      once(`the new password of ${entry.email}`, { action: 'user.password_changed', id: entry.about ?? '' })
      mustHaveMail(`the new password of ${entry.email}`, `password_changed ${entry.about}`)
    }
    for (const entry of acknowledged('reset')) mustHaveMail(`the reset of ${entry.email}`, `password_reset ${entry.email}`)
    const present = new Set(users.values())
    for (const [key, rows] of audit) {
      const [action, id] = key.split(' ') as [string, string]
      if (action === 'user.signed_up' && (rows > 1 || !present.has(id)))
        problems.push(`${rows} audit rows of a sign-up of ${present.has(id) ? 'one user' : 'no user'}`)
      if (action === 'session.ended' && (rows > 1 || sessions.get(id) !== false))
        problems.push(`${rows} audit rows of the end of ${sessions.get(id) === false ? 'one session' : 'a session that lives'}`)
    }
    return problems
  })
}

/**
 * P3 and P4: one mail for every row of the project, one only where the provider honours keys, byte-identical on every try, and one per
 * request to every address.
 */
export async function auditMail(stage: FaultStage, project: FaultProject, ledger: readonly Entry[]): Promise<string[]> {
  const problems: string[] = []
  const rows = await stage.sql((owner) =>
    owner.query<{ id: string; status: string; last_error: string | null; address: string | null }>(
      `select o.id, o.status, o.last_error, coalesce(o.payload->>'address', u.email) as address from auth.outbox o
        left join auth.end_user u on u.project_id = o.project_id and u.id = (o.payload->>'end_user_id')::uuid where o.project_id = $1`,
      [project.id],
    ),
  )
  const unsent = rows.filter((row) => row.status !== 'sent')
  if (unsent.length > 0) problems.push(`${unsent.length} rows were not sent: ${JSON.stringify(unsent[0])}`)
  const ids = new Set(rows.map((row) => row.id))
  const mails = stage.provider.mails.filter((mail) => mail.idempotencyKey === null || ids.has(mail.idempotencyKey))
  if (stage.provider.attempts.some((attempt) => attempt.idempotencyKey === null)) problems.push('a mail went out without a key')
  const times = countBy(mails.map((mail) => mail.to))
  for (const [address, enqueued] of countBy(rows.map((row) => row.address ?? ''))) {
    if (times.get(address) !== enqueued)
      problems.push(`${enqueued} mails were enqueued for ${address}, ${times.get(address) ?? 0} were delivered`)
  }
  // Every kind with a mail, held against the ledger by `auditChanges`; here only that the provider has it.
  for (const entry of ledger)
    if (entry.kind === 'reset' && entry.status === 200 && !times.has(entry.email))
      problems.push(`${entry.email} was promised a mail and got none`)
  const bodies = new Map<string | null, string>()
  for (const attempt of stage.provider.attempts) {
    const known = bodies.get(attempt.idempotencyKey)
    if (known !== undefined && known !== attempt.body) problems.push('a retry differed from the first try')
    bodies.set(attempt.idempotencyKey, attempt.body)
  }
  problems.push(...tooEarly(stage))
  return [...new Set(problems)]
}

/** P5: neither a password nor a token of an answer or a mail stands in a log. */
export function auditSecrets(stage: FaultStage, ledger: readonly Entry[]): string[] {
  const secrets = new Set(
    stage.provider.mails.flatMap((mail) => [...mail.text.matchAll(/[?&#]token=([\w-]+)/g)].map((match) => match[1] as string)),
  )
  for (const { body } of ledger)
    for (const name of ['access_token', 'refresh_token']) if (typeof body?.[name] === 'string') secrets.add(body[name])
  const text = stage.apps.flatMap((app) => app.logs).join('\n')
  const words = new Set(text.split(/[^\w.-]+/))
  return [...secrets].some((secret) => words.has(secret)) || text.includes('horse battery') ? ['a log holds a secret'] : []
}

/** Lines of a process beside those that each refused request has: what loops and connections say of an outage has to be readable. */
const MOST_LINES = 300

export function noisy(apps: readonly Pick<AppProcess, 'logs'>[]): string[] {
  return apps.flatMap(({ logs }) => {
    const lines = logs.filter((line) => !/"msg":"(refused|request)"/.test(line))
    return lines.length > MOST_LINES ? [`a process wrote ${lines.length} lines, the last ${lines.at(-1)?.slice(0, 300)}`] : []
  })
}

/** A mail that was refused with «retry after» waits that long; 50 ms for two clocks. */
function tooEarly(stage: FaultStage): string[] {
  const notBefore = new Map<string | null, number>()
  const early: string[] = []
  for (const { idempotencyKey, at, fault } of stage.provider.attempts) {
    if (at < (notBefore.get(idempotencyKey) ?? 0) - 50) early.push('a mail came again before the time the provider asked for')
    if (fault?.kind === 'status' && fault.retryAfterSeconds !== undefined)
      notBefore.set(idempotencyKey, at + fault.retryAfterSeconds * 1000)
  }
  return early
}

/** Seconds from `at` to the first success that was sent after it. */
export function secondsToRecovery(ledger: readonly Entry[], at: number): number {
  const good = ledger
    .filter((entry) => entry.sentAt >= at && entry.status !== null && entry.status < 300)
    .map((entry) => entry.sentAt + entry.ms)
  return good.length === 0 ? Infinity : (Math.min(...good) - at) / 1000
}

/**
 * The ledger in one line: changes that were acknowledged, of these how many are lost or live again, what was refused, the slowest refusal.
 * `problems` are those that the auditor found.
 */
export function summary(ledger: readonly Entry[], problems: readonly string[]): string {
  const changes = ledger.filter((entry) => /^(signup|login|logout|password|reset|refresh)$/.test(entry.kind) && entry.status !== null && entry.status < 300)
  const refused = ledger.filter((entry) => entry.status === 503 || entry.status === 429)
  const lost = problems.filter((problem) => / lost\b/.test(problem)).length
  const revived = problems.filter((problem) => /ended session|right after its end|session lives/.test(problem)).length
  return `acknowledged ${changes.length}, lost ${lost}, revived ${revived}, refused ${refused.length}, slowest refusal ${Math.max(0, ...refused.map(({ ms }) => ms)).toFixed(0)} ms`
}

/** `201: 88, 503: 2`; no answer is `none`. */
export function count(ledger: readonly Entry[]): string {
  return [...countBy(ledger.map((entry) => String(entry.status ?? 'none')))].toSorted().map(([status, n]) => `${status}: ${n}`).join(', ')
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
