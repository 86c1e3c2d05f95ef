import { readFileSync, readdirSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** Each process says, when it is asked, what a full collection leaves. */
const TELLS = ['--expose-gc', '--import', new URL('./tell-heap.mjs', import.meta.url).href]

/** What is really in use, in MB, after a full collection: it grows with a leak, and with nothing else. */
async function inUse(app: AppProcess): Promise<number> {
  const told = app.logs.length
  app.signal('SIGUSR2')
  for (let tries = 0; tries < 100; tries += 1) {
    const bytes = app.logs.slice(told).flatMap((line) => /^in use (\d+) bytes$/.exec(line)?.[1] ?? [])[0]
    if (bytes !== undefined) return Number(bytes) / 1_000_000
    await sleep(100)
  }
  throw new Error(`process ${app.pid} did not say what it has in use`)
}

/** In MB, to the page: one whole MB in twenty minutes would already be two per cent an hour. */
const residentOf = (app: AppProcess): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
const sampleOf = (app: AppProcess): Sample => ({ rss: residentOf(app), descriptors: readdirSync(`/proc/${app.pid}/fd`).length })
const connectionsOf = (stage: FaultStage): Promise<number> =>
  stage.sql(async (owner) => {
    const [row] = await owner.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where application_name like 'portico%'`,
    )
    return row?.n ?? 0
  })
/** What it takes at the most: between collections V8 keeps more or less, and now and then gives some back. */
const highest = (values: readonly number[]) => percentile(values, 0.9)
const median = (values: readonly number[]) => percentile(values, 0.5)

/** Hours of half the load that it takes: nothing grows. */
export async function soak(stage: FaultStage, minutes: number, rate: number | null): Promise<RunReport> {
  const project = await stage.project('Soak')
  const plane = await stage.start('data-plane', { nodeArgs: TELLS })
  const worker = await stage.start('worker', { nodeArgs: TELLS })
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
  const heaps: Record<'data plane' | 'worker', number[]> = { 'data plane': [], worker: [] }
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
    // At the end of each third, when what is kept on purpose (caches of fixed sizes) has come together.
    if ((round + 1) % Math.floor(rounds / 3) === 0)
      for (const [name, app] of [['data plane', plane], ['worker', worker]] as const) heaps[name].push(await inUse(app))
    if (round % 30 === 29) writeSync(1, `  soak: ${((round + 1) * SAMPLE_SECONDS) / 60} of ${minutes} min, data plane ${memoryOf(plane)} MB\n`)
  }
  // The first third warms up caches, pools and the heap; then two thirds against each other.
  const parts = <T>(all: readonly T[]): [T[], T[]] => [all.slice(Math.floor(all.length / 3), Math.floor((2 * all.length) / 3)), all.slice(Math.floor((2 * all.length) / 3))]
  const hoursApart = minutes / 3 / 60
  const figures = [...samples].map(([name, all]) => {
    const [before, after] = parts(all)
    const rss = [highest(before.map((one) => one.rss)), highest(after.map((one) => one.rss))] as const
    const growth = ((rss[1] / rss[0] - 1) * 100) / hoursApart
    const open = [median(before.map((one) => one.descriptors)), median(after.map((one) => one.descriptors))] as const
    // Of less than half an hour the noise of the garbage collector is more than one per cent an hour.
    if (minutes >= 30 && growth > 1) problems.push(`the ${name} grew by ${growth.toFixed(1)} % an hour`)
    if (open[1] > open[0] + 2) problems.push(`descriptors of the ${name} went from ${open[0]} to ${open[1]}`)
    return `${name} ${rss[0].toFixed(1)} then ${rss[1].toFixed(1)} MB (${growth.toFixed(1)} %/h), descriptors ${open[0]} then ${open[1]}`
  })
  const left = Object.entries(heaps).map(([name, all]) => `${name} ${all.map((one) => one.toFixed(1)).join(', ')} MB`)
  const [early, late] = parts(connections)
  if (median(late) > median(early) + 2) problems.push(`connections to PostgreSQL went from ${median(early)} to ${median(late)}`)
  const answers = [...statuses].toSorted().map(([status, n]) => `${status}: ${n}`).join(', ')
  return report(
    `${minutes} min at ${halfLoad} requests/s: ${requests} requests (${answers}), slowest ${slowest.toFixed(0)} ms; second third then last third: ${figures.join('; ')}; connections ${median(early)} then ${median(late)}; in use after a full collection at the end of each third: ${left.join('; ')}`,
    [], problems, await ended(plane, worker, stage.control),
  )
}
