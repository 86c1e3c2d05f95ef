import { setTimeout as sleep } from 'node:timers/promises'
import type { AppProcess } from '../support/processes.js'
import { auditChanges, auditMail, auditSecrets, count, noisy, secondsToRecovery, summary, unanswered, unclean } from './auditor.js'
import type { FaultProject, FaultStage } from './fault-stage.js'
import { openLoop, send, type Entry } from './load.js'
import { DRAIN_SECONDS, RECOVERY_SECONDS, ended, newEmail, report, reset, withStage, type FaultRun, type RunReport } from './run.js'

interface MailScene {
  stage: FaultStage
  project: FaultProject
  plane: AppProcess
  /** Asks for all resets, 20 at a time. */
  resets: () => Promise<Entry[]>
}

interface MailFault {
  /** From here on the mails must drain, as `Date.now()`. */
  healthyAt: number
  ledger: Entry[]
  problems?: string[]
  /** More figures. */
  measured?: string
}

/** `requests` resets of one mail each, `breakIt`, then everything must arrive once. */
export async function mailsThrough(
  stage: FaultStage,
  requests: number,
  breakIt: (scene: MailScene) => Promise<MailFault>,
): Promise<RunReport> {
  const project = await stage.project('Mail')
  const plane = await stage.start('data-plane')
  const emails = await people(stage, project, requests)
  const resets = async () => {
    const ledger: Entry[] = []
    for (let at = 0; at < emails.length; at += 20)
      ledger.push(...(await Promise.all(emails.slice(at, at + 20).map((email) => send(reset(plane, project, email))))))
    return ledger
  }
  const { healthyAt, ledger, problems = [], measured = '' } = await breakIt({ stage, project, plane, resets })
  const { waiting } = await stage.mailDrained(DRAIN_SECONDS * 1000)
  const seconds = (Date.now() - healthyAt) / 1000
  if (waiting > 0 || seconds > DRAIN_SECONDS)
    problems.push(`${waiting} mails still waited ${seconds.toFixed(1)} s after everything was healthy`)
  const enqueued = ledger.filter((entry) => entry.status === 200).length
  if (enqueued < requests) problems.push(`only ${enqueued} of ${requests} requests were taken`)
  const { mails, attempts } = stage.provider
  const audited = [...(await auditChanges(stage, project, ledger)), ...(await auditMail(stage, project, ledger))]
  return report(
    `${summary(ledger, audited)}; ${enqueued} mails enqueued, ${mails.length} delivered, ${attempts.length} tries; drained ${seconds.toFixed(1)} s after all was healthy${measured}`,
    ledger,
    problems,
    unclean(ledger),
    unanswered(ledger),
    audited,
    auditSecrets(stage, ledger),
    noisy(stage.apps),
    await ended(...stage.apps.filter((app) => !stage.killed.has(app))),
  )
}

/** Known people, made as the owner would: hashing is not what is tested. */
export async function people(stage: FaultStage, project: FaultProject, howMany: number): Promise<string[]> {
  const emails = Array.from({ length: howMany }, newEmail)
  await stage.sql((owner) =>
    owner.query(
      `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, created_at, updated_at) select $1, gen_random_uuid(), e, e, now(), now(), now() from unnest($2::text[]) e`,
      [project.id, emails],
    ),
  )
  return emails
}

/** With 200 mails handed over and none sent, Redis goes; requests come in all the time. */
async function redisGoes({ stage, project, plane, resets }: MailScene, seconds: number): Promise<MailFault> {
  await stage.start('worker')
  stage.provider.always({ kind: 'status', status: 503 })
  const ledger = await resets()
  await sleep(1_000)
  const [waiting] = await stage.sql((owner) =>
    owner.query<{ n: number }>(`select count(*)::int as n from auth.outbox where project_id = $1 and status <> 'sent'`, [project.id]),
  )
  const more = await people(stage, project, (seconds + 10) * 2)
  await stage.stopRedis()
  const stoppedAt = performance.now()
  const asking = openLoop({ ratePerSecond: 2, seconds: seconds + 10, next: (index) => reset(plane, project, more[index] as string) })
  await sleep(seconds * 1000)
  await stage.startRedisAgain()
  stage.provider.heal()
  const [healthyAt, backAt] = [Date.now(), performance.now()]
  const during = await asking
  const problems: string[] = []
  const recovery = secondsToRecovery(during, backAt)
  if (recovery > RECOVERY_SECONDS) problems.push(`the first success came ${recovery.toFixed(1)} s after Redis was back`)
  await stage.mailDrained(DRAIN_SECONDS * 1000)
  const sent = stage.provider.attempts.filter((attempt) => attempt.at >= healthyAt && attempt.fault === null).map((attempt) => attempt.at)
  const firstMail = (Math.min(...sent) - healthyAt) / 1000
  if (!(firstMail <= RECOVERY_SECONDS)) problems.push(`the first mail left ${firstMail.toFixed(1)} s after Redis was back`)
  if ((waiting?.n ?? 0) < ledger.length) problems.push(`only ${waiting?.n} of ${ledger.length} mails were waiting, so less is proven`)
  const without = during.filter((entry) => entry.sentAt > stoppedAt + 1_000 && entry.sentAt < backAt - 1_000)
  return {
    healthyAt, problems, ledger: [...ledger, ...during],
    measured: `; ${waiting?.n} were waiting, the first left after ${firstMail.toFixed(1)} s; requests without Redis: ${count(without)}, slowest ${Math.max(...without.map((entry) => entry.ms)).toFixed(0)} ms`,
  }
}

/** `times` workers are killed with a mail in the provider's hands. */
async function killInMidSend({ stage, resets }: MailScene, times: number): Promise<MailFault> {
  const ledger = await resets()
  const inHand: number[] = []
  stage.provider.always({ kind: 'slow', ms: 300 })
  for (let time = 0; time < times; time++) {
    const doomed = await stage.start('worker')
    const before = stage.provider.attempts.length
    while (stage.provider.attempts.length < before + 3) await sleep(5)
    // The provider takes 300 ms for each: these are under way.
    await sleep(100)
    inHand.push(stage.provider.attempts.filter((attempt) => attempt.at > Date.now() - 300).length)
    await stage.kill(doomed)
  }
  stage.provider.heal()
  await stage.start('worker')
  return {
    healthyAt: Date.now(),
    ledger,
    problems: inHand.some((n) => n === 0) ? ['a worker was killed between two sends'] : [],
    measured: `; under way at each kill: ${inHand.join(', ')}`,
  }
}

/** What the stuck-row rule does after 30 s, done at once and again: further jobs for rows that are in work. */
async function handOverTwice({ stage, project, resets }: MailScene): Promise<MailFault> {
  stage.provider.always({ kind: 'slow', ms: 50 })
  await Promise.all([stage.start('worker'), stage.start('worker')])
  const asking = resets()
  let again = 0
  for (let times = 0; times < 8; times++) {
    await sleep(150)
    const rows = await stage.sql((owner) =>
      owner.query(
        `update auth.outbox set status = 'pending', next_attempt_at = now() where project_id = $1 and status = 'enqueued' returning 1`,
        [project.id],
      ),
    )
    again += rows.length
  }
  const ledger = await asking
  return {
    healthyAt: Date.now(),
    ledger,
    problems: again === 0 ? ['no row was handed over twice'] : [],
    measured: `; ${again} rows handed over again while in work`,
  }
}

export const MAIL_FAULTS: FaultRun[] = [
  {
    name: 'Redis stops and comes back empty, mails waiting',
    seconds: 110,
    promises: 'P3 P4 P5 P6 P7 P9',
    done: 'Redis killed with 200 mails waiting, away for 60 s under 2 requests/s, back empty',
    short: false,
    run: (size) => withStage({ redis: true }, (stage) => mailsThrough(stage, size === 'short' ? 40 : 200, (scene) => redisGoes(scene, size === 'short' ? 5 : 60))),
  },
  {
    name: 'the provider refuses, fails, hangs after accepting and answers nonsense',
    seconds: 60,
    promises: 'P3 P4 P5',
    done: '200 mails; 20 × 429 with retry-after 1 s, 20 × 500, 8 × mail taken and no answer, 20 × mail taken and connection reset, 20 × half a JSON with 200, 20 × with 502',
    short: true,
    run: (size) =>
      withStage({}, (stage) =>
        mailsThrough(stage, size === 'short' ? 30 : 200, async ({ resets }) => {
          const each = size === 'short' ? 4 : 20
          stage.provider.next(each, { kind: 'status', status: 429, retryAfterSeconds: 1 })
          stage.provider.next(each, { kind: 'status', status: 500 })
          // Costs the whole time limit of a send.
          if (size === 'long') stage.provider.next(8, { kind: 'hang_after_accepting' })
          stage.provider.next(each, { kind: 'reset_after_accepting' })
          stage.provider.next(each, { kind: 'malformed_json' })
          stage.provider.next(each, { kind: 'malformed_json', status: 502 })
          await stage.start('worker')
          const healthyAt = Date.now()
          return { healthyAt, ledger: await resets() }
        }),
      ),
  },
  {
    name: 'the worker is killed (-9) in mid send',
    seconds: 70,
    promises: 'P3 P4 P5',
    done: '200 mails, three workers in turn killed while the provider holds mails of theirs, then a fourth',
    short: true,
    run: (size) => withStage({}, (stage) => mailsThrough(stage, size === 'short' ? 30 : 200, (scene) => killInMidSend(scene, size === 'short' ? 1 : 3))),
  },
  {
    name: 'two workers, rows handed over again while in work, queue in PostgreSQL',
    seconds: 30,
    promises: 'P4',
    done: '200 mails, two workers, eight times further jobs for whatever is in work',
    short: false,
    run: () => withStage({}, (stage) => mailsThrough(stage, 200, handOverTwice)),
  },
  {
    name: 'two workers, rows handed over again while in work, queue in Redis',
    seconds: 30,
    promises: 'P4',
    done: 'the same with Redis',
    short: false,
    run: () => withStage({ redis: true }, (stage) => mailsThrough(stage, 200, handOverTwice)),
  },
]
