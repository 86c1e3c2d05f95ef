import { setTimeout as sleep } from 'node:timers/promises'
import type { AppProcess } from '../support/processes.js'
import { auditChanges, auditMail, auditSecrets, count, noisy, secondsToRecovery, sessionOf, summary } from './auditor.js'
import { unanswered, unclean } from './auditor.js'
import type { FaultProject, FaultStage } from './fault-stage.js'
import { openLoop, percentile, send, type Call, type Entry } from './load.js'
import {
  DRAIN_SECONDS,
  NEW_PASSWORD,
  PASSWORD,
  RECOVERY_SECONDS,
  ended,
  logIn,
  report,
  signUp,
  withStage,
  type At,
  type FaultRun,
  type RunReport,
  type Size,
} from './run.js'

// P6: what is refused for the database is refused within 2 s, at whatever moment of the outage and on whichever statement it came. A
// password that waits its turn has a limit of its own, which the runs under load meet and these do not.
// The short form runs wherever the suite does, beside whatever that machine has to do, and a figure of it is none.
const STATED_LIMIT_MS = { long: 2_000, short: 2_500 }
const RETRIED = 20

/** Of every ten who signed up three look, leave and look again, and one takes another password. */
export function clients(plane: At, project: FaultProject): (entry: Entry, index: number) => Call | null {
  const at = `${plane.url}/${project.printedId}`
  const signedUp = new Map<number, Entry>()
  return (entry, index) => {
    if (entry.kind === 'signup' && entry.status === 201) signedUp.set(index, entry)
    const first = signedUp.get(index)
    if (!first || entry.status === null || entry.status >= 300) return null
    const { access_token: token, refresh_token, user_id } = first.body as Record<string, string>
    const verify = { url: `${at}/verify`, body: { token } }
    if (entry.kind === 'signup' && index % 10 < 3) return { kind: 'verify', ...verify }
    if (entry.kind === 'verify')
      return { kind: 'logout', email: first.email, about: sessionOf(first), url: `${at}/logout`, body: { refresh_token } }
    if (entry.kind === 'logout') return { kind: 'verify ended', ...verify }
    if (entry.kind === 'signup' && index % 10 === 3) {
      return {
        kind: 'password',
        email: first.email,
        about: user_id as string,
        url: `${at}/password`,
        token: token as string,
        body: { current_password: PASSWORD, password: NEW_PASSWORD },
      }
    }
    return null
  }
}

/** Where the crowd goes, and the processes that must live through it. */
export interface Place {
  at: At
  apps: AppProcess[]
  ratePerSecond?: number
  seconds?: number
  /** Seconds from the return to the first success; `RECOVERY_SECONDS` unless given. */
  readyWithin?: number
}

async function onePlane(stage: FaultStage): Promise<Place> {
  const plane = await stage.start('data-plane')
  return { at: plane, apps: [plane, await stage.start('worker')] }
}

/**
 * Sign-ups, logouts and new passwords while `breakIt` does its worst; the dependency answers again when it returns, and what it answers is
 * added to the figures.
 */
export async function crowdThrough(
  stage: FaultStage,
  size: Size,
  breakIt: (place: Place, project: FaultProject) => Promise<string | void>,
  open: (stage: FaultStage) => Promise<Place> = onePlane,
): Promise<RunReport> {
  const project = await stage.project('Crowd')
  const place = await open(stage)
  const plane = place.at
  const loading = openLoop({
    ratePerSecond: size === 'short' ? 10 : (place.ratePerSecond ?? 30),
    seconds: place.seconds ?? (size === 'short' ? 10 : 90),
    next: () => signUp(plane, project),
    follow: clients(plane, project),
  })
  await sleep(size === 'short' ? 2_000 : 10_000)
  const more = await breakIt(place, project)
  const [backAt, backOn] = [performance.now(), new Date()]
  const ledger = await loading
  const recovery = secondsToRecovery(ledger, backAt)
  const refusals = ledger.filter((entry) => entry.status === 503).map((entry) => entry.ms)
  const slowest = Math.max(0, ...refusals)
  const left = await stage.mailDrained(DRAIN_SECONDS * 1000)
  const drained = await secondsToDrain(stage, project, backOn)

  const problems: string[] = []
  if (recovery > (place.readyWithin ?? RECOVERY_SECONDS)) problems.push(`the first success came after ${recovery.toFixed(1)} s`)
  if (slowest > STATED_LIMIT_MS[size]) problems.push(`a refusal took ${slowest.toFixed(0)} ms`)
  if (left.waiting > 0 || drained > DRAIN_SECONDS)
    problems.push(`mail of before took ${drained.toFixed(1)} s after the return, ${left.waiting} still wait`)
  if (!ledger.some((entry) => entry.kind === 'signup' && entry.status === 201 && entry.sentAt < backAt))
    problems.push('nothing was acknowledged before, so nothing is proven')
  problems.push(
    ...(await stillEnded(plane, project, ledger, place.apps.length > 2)),
    ...(await sameOnRetry(plane, project, ledger)),
    ...(await newPasswordsCount(plane, project, ledger)),
  )
  const changes = ledger.filter((entry) => entry.status !== null && entry.status < 300).length
  // Who tried again a moment ago is owed a mail as well, and the audit counts it.
  await stage.mailDrained(DRAIN_SECONDS * 1000)
  const audited = await auditChanges(stage, project, ledger)
  return report(
    `${more ? `${more}; ` : ''}${summary(ledger, [...problems, ...audited])}; ${ledger.length} requests (${count(ledger)}), ${changes} answered with success; first success ${recovery.toFixed(1)} s after the return; refusals p99 ${refusals.length > 0 ? percentile(refusals, 0.99).toFixed(0) : 0} ms, slowest ${slowest.toFixed(0)} ms; mail drained in ${drained.toFixed(1)} s, ${stage.provider.mails.length} delivered`,
    ledger,
    problems,
    unclean(ledger),
    unanswered(ledger),
    audited,
    await auditMail(stage, project, ledger),
    auditSecrets(stage, ledger),
    noisy([stage.control, ...place.apps]),
    await ended(stage.control, ...place.apps),
  )
}

/** Seconds from the return to the last of the mails that were enqueued before it. */
async function secondsToDrain(stage: FaultStage, project: FaultProject, backOn: Date): Promise<number> {
  const [last] = await stage.sql((owner) =>
    owner.query<{ done: Date | null }>(`select max(done_at) as done from auth.outbox where project_id = $1 and created_at < $2`, [
      project.id,
      backOn,
    ]),
  )
  return Math.max(0, ((last?.done?.getTime() ?? backOn.getTime()) - backOn.getTime()) / 1000)
}

/** P1: what was revoked does not revive, neither at once nor now that all is well again. */
async function stillEnded(plane: At, project: FaultProject, ledger: readonly Entry[], several: boolean): Promise<string[]> {
  const problems: string[] = []
  // Of several data planes the one that did not do it has a second to hear of it (P16): `revocations.ts` measures that.
  for (const entry of several ? [] : ledger)
    if (entry.kind === 'verify ended' && entry.status !== 401 && entry.status !== 503)
      problems.push(`right after its end a session's token was answered ${entry.status}`)
  const left = new Set(ledger.filter((entry) => entry.kind === 'logout' && entry.status === 200).map((entry) => entry.email))
  const tokens = ledger
    .filter((entry) => entry.kind === 'signup' && entry.status === 201 && left.has(entry.email))
    .map((entry) => entry.body?.['access_token'])
  for (const token of tokens) {
    const { status } = await send({ kind: 'verify', url: `${plane.url}/${project.printedId}/verify`, body: { token } })
    if (status !== 401) problems.push(`the token of an ended session is answered ${status}`)
  }
  return problems
}

/** P2: a client that got no 2xx and tries again gets an account, or hears that it is there; either way the password opens it. */
async function sameOnRetry(plane: At, project: FaultProject, ledger: readonly Entry[]): Promise<string[]> {
  const unsure = ledger.filter((entry) => entry.kind === 'signup' && entry.status !== 201).slice(-RETRIED)
  const problems: string[] = []
  for (const { email } of unsure) {
    const again = await send(signUp(plane, project, email))
    if (again.status !== 201 && again.code !== 'email_taken')
      problems.push(`a sign-up that was tried again was answered ${again.status} ${again.code}`)
    const login = await send(logIn(plane, project, email))
    if (login.status !== 200) problems.push(`after a second try the password of ${email} is answered ${login.status}`)
  }
  return problems
}

async function newPasswordsCount(plane: At, project: FaultProject, ledger: readonly Entry[]): Promise<string[]> {
  const problems: string[] = []
  for (const { email } of ledger.filter((entry) => entry.kind === 'password' && entry.status === 200).slice(0, RETRIED)) {
    const [fresh, old] = [await send(logIn(plane, project, email, NEW_PASSWORD)), await send(logIn(plane, project, email))]
    if (fresh.status !== 200 || old.status !== 401)
      problems.push(`the new password of ${email} is answered ${fresh.status}, the old one ${old.status}`)
  }
  return problems
}

export const DATABASE_FAULTS: FaultRun[] = [
  {
    name: 'PostgreSQL restarts (fast) under sign-ups',
    seconds: 115,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'fast stop, down for 5 s, under 30 sign-ups/s for 90 s, with logouts and new passwords',
    short: false,
    run: (size) =>
      withStage({}, (stage) => crowdThrough(stage, size, () => stage.restartPostgres('fast', size === 'short' ? 1_000 : 5_000))),
  },
  {
    name: 'PostgreSQL crashes (immediate stop) under sign-ups',
    seconds: 115,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'immediate stop (recovery from its log), down for 5 s, under 30 sign-ups/s for 90 s, with logouts and new passwords',
    short: true,
    run: (size) =>
      withStage({}, (stage) => crowdThrough(stage, size, () => stage.restartPostgres('immediate', size === 'short' ? 1_000 : 5_000))),
  },
  {
    name: 'PostgreSQL is a black hole',
    seconds: 115,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'connections stay open and nothing passes for 30 s, then late, under 30 sign-ups/s for 90 s, with logouts and new passwords',
    short: true,
    run: (size) =>
      withStage({}, (stage) =>
        crowdThrough(stage, size, async () => {
          stage.proxy.set({ kind: 'black_hole' })
          await sleep(size === 'short' ? 4_000 : 30_000)
          stage.proxy.set({ kind: 'none' })
        }),
      ),
  },
  {
    name: 'connections to PostgreSQL are cut again and again',
    seconds: 115,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'every open connection reset 20 times in 10 s, then for 10 s each one after 1 to 20,000 bytes of answers, then for 10 s ended by the server with its 1st to 8th answer, under 30 sign-ups/s for 90 s',
    short: false,
    run: (size) =>
      withStage({}, (stage) =>
        crowdThrough(stage, size, async () => {
          for (let times = 0; times < (size === 'short' ? 5 : 20); times++) {
            stage.proxy.cutAll()
            await sleep(500)
          }
          for (let times = 0; times < (size === 'short' ? 5 : 20); times++) {
            stage.proxy.set({ kind: 'cut_after', bytes: 1 + Math.floor(Math.random() * 20_000) })
            await sleep(500)
          }
          for (let times = 0; times < (size === 'short' ? 5 : 20); times++) {
            stage.proxy.set({ kind: 'terminate_with', answer: 1 + (times % 8) })
            stage.proxy.cutAll()
            await sleep(500)
          }
          stage.proxy.set({ kind: 'none' })
        }),
      ),
  },
]
