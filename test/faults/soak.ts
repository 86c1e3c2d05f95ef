import { readdirSync, writeSync } from 'node:fs'
import type { AppProcess } from '../support/processes.js'
import { unanswered, unclean } from './auditor.js'
import type { FaultStage } from './fault-stage.js'
import { openLoop, percentile, send, type Entry } from './load.js'
import { ended, logIn, memoryOf, readUser, report, signUp, type RunReport } from './run.js'

const SAMPLE_SECONDS = 10
/** Of one process of the data plane beside everything else on two cores: what it takes is measured first, for this long. */
const CALIBRATION_SECONDS = 10

interface Sample {
  rss: number
  descriptors: number
}

/** V8 says what each collection left. */
const TOLD = ['--trace-gc']
/** What is really in use after each full collection, in MB: it grows with a leak, and with nothing else. */
const liveHeaps = (app: AppProcess): number[] =>
  app.logs.flatMap((line) => /Mark-Compact.*? -> ([\d.]+) /.exec(line)?.[1] ?? []).map(Number)

const sampleOf = (app: AppProcess): Sample => ({ rss: memoryOf(app), descriptors: readdirSync(`/proc/${app.pid}/fd`).length })
const connectionsOf = (stage: FaultStage): Promise<number> =>
  stage.sql(async (owner) => {
    const [row] = await owner.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where application_name like 'portico%'`,
    )
    return row?.n ?? 0
  })
const median = (values: readonly number[]) => percentile(values, 0.5)

/** Hours of half the load that it takes: nothing grows. */
export async function soak(stage: FaultStage, minutes: number, rate: number | null): Promise<RunReport> {
  const project = await stage.project('Soak')
  const plane = await stage.start('data-plane', { nodeArgs: TOLD })
  const worker = await stage.start('worker', { nodeArgs: TOLD })
  const known = await send(signUp(plane, project))
  const token = known.body?.['access_token'] as string
  const at = `${plane.url}/${project.printedId}`
  // Of twenty: a sign-up, a login that is ended again, four verifies, the rest reads.
  const next = (index: number) => {
    if (index % 20 === 0) return signUp(plane, project)
    if (index % 20 === 10) return logIn(plane, project, known.email)
    return index % 5 === 1 ? { kind: 'verify', url: `${at}/verify`, body: { token } } : readUser(plane, project, token)
  }
  const follow = (entry: Entry) =>
    entry.kind === 'login' && entry.status === 200
      ? { kind: 'logout', email: entry.email, url: `${at}/logout`, body: { refresh_token: entry.body?.['refresh_token'] } }
      : null
  let halfLoad = rate
  if (halfLoad === null) {
    let done = 0
    const until = performance.now() + CALIBRATION_SECONDS * 1000
    await Promise.all(Array.from({ length: 16 }, async (_, lane) => {
      for (let index = lane; performance.now() < until; index += 16) done += (await send(next(index))).status === null ? 0 : 1
    }))
    halfLoad = Math.floor(done / CALIBRATION_SECONDS / 2)
  }
  const apps = { 'data plane': plane, worker, 'control plane': stage.control }
  const samples = new Map(Object.keys(apps).map((name) => [name, [] as Sample[]]))
  const connections: number[] = []
  const statuses = new Map<string, number>()
  const problems: string[] = []
  const rounds = Math.max(6, Math.round((minutes * 60) / SAMPLE_SECONDS))
  let requests = 0
  let slowest = 0
  for (let round = 0; round < rounds; round++) {
    const entries = await openLoop({ ratePerSecond: halfLoad, seconds: SAMPLE_SECONDS, next, follow })
    requests += entries.length
    for (const { status, ms } of entries) {
      statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1)
      slowest = Math.max(slowest, ms)
    }
    problems.push(...unclean(entries), ...unanswered(entries))
    for (const [name, app] of Object.entries(apps)) samples.get(name)!.push(sampleOf(app))
    connections.push(await connectionsOf(stage))
    if (round % 30 === 29) writeSync(1, `  soak: ${((round + 1) * SAMPLE_SECONDS) / 60} of ${minutes} min, data plane ${memoryOf(plane)} MB\n`)
  }
  // The first third warms up caches, pools and the heap; then two thirds against each other.
  const parts = <T>(all: readonly T[]): [T[], T[]] => [all.slice(Math.floor(all.length / 3), Math.floor((2 * all.length) / 3)), all.slice(Math.floor((2 * all.length) / 3))]
  const hoursApart = minutes / 3 / 60
  const figures = [...samples].map(([name, all]) => {
    const [before, after] = parts(all)
    const growth = ((median(after.map(({ rss }) => rss)) / median(before.map(({ rss }) => rss)) - 1) * 100) / hoursApart
    const open = [median(before.map((one) => one.descriptors)), median(after.map((one) => one.descriptors))] as const
    // Of less than half an hour the noise of the garbage collector is more than one per cent an hour.
    if (minutes >= 30 && growth > 1) problems.push(`the ${name} grew by ${growth.toFixed(1)} % an hour`)
    if (open[1] > open[0] + 2) problems.push(`descriptors of the ${name} went from ${open[0]} to ${open[1]}`)
    return `${name} ${median(before.map(({ rss }) => rss))} then ${median(after.map(({ rss }) => rss))} MB (${growth.toFixed(1)} %/h), descriptors ${open[0]} then ${open[1]}`
  })
  const heaps = Object.entries({ 'data plane': plane, worker }).map(([name, app]) => {
    const [first, ...others] = liveHeaps(app).slice(-20)
    return `${name} ${[first, others.at(-1)].map((one) => (one === undefined ? 'none' : `${one} MB`)).join(' then ')}`
  })
  const [early, late] = parts(connections)
  if (median(late) > median(early) + 2) problems.push(`connections to PostgreSQL went from ${median(early)} to ${median(late)}`)
  const answers = [...statuses].toSorted().map(([status, n]) => `${status}: ${n}`).join(', ')
  return report(
    `${minutes} min at ${halfLoad} requests/s: ${requests} requests (${answers}), slowest ${slowest.toFixed(0)} ms; second third then last third: ${figures.join('; ')}; connections ${median(early)} then ${median(late)}; in use after a full collection, the last twenty: ${heaps.join('; ')}`,
    [], problems, await ended(plane, worker, stage.control),
  )
}
