import { connect as connectTcp, type Socket } from 'node:net'
import { auditChanges, count, unanswered, unclean } from './auditor.js'
import type { FaultStage } from './fault-stage.js'
import { openLoop, percentile, send, type Call, type Entry } from './load.js'
import {
  PASSWORD,
  RECOVERY_SECONDS,
  ended,
  logIn,
  memoryOf,
  peakMemoryOf,
  readUser,
  report,
  signUp,
  withStage,
  type FaultRun,
  type RunReport,
} from './run.js'

// P6: what is refused is told at once or at the stated limit: 2 s for the database; in a wave of passwords 5 s for one that waits its turn
// beside it, and what a machine adds that does nothing but hash.
const DATABASE_LIMIT_MS = 2_000
const WAVE_LIMIT_MS = 8_000
const WAVE_MEMORY_MB = 250
// P12. Below this a factor says nothing: one pause of a garbage collector doubles it.
const P99_FLOOR_MS = 10

const bad = (ledger: readonly Entry[]) => ledger.filter((entry) => entry.status === null || entry.status >= 300)
const p99 = (ledger: readonly Entry[], kind?: string) =>
  percentile(
    ledger.filter((entry) => kind === undefined || entry.kind === kind).map((entry) => entry.ms),
    0.99,
  )

/** Ten times as many callers as four connections over a slow network can serve. */
async function exhaustPool(stage: FaultStage, seconds: number): Promise<RunReport> {
  const project = await stage.project('Pool')
  const plane = await stage.start('data-plane')
  const made = await send(signUp(plane, project))
  const token = made.body?.['access_token'] as string
  const next = (index: number): Call => (index % 20 === 0 ? signUp(plane, project) : readUser(plane, project, token))
  stage.proxy.set({ kind: 'delay', ms: 100 })
  const ledger = await openLoop({ ratePerSecond: 200, seconds, next })
  stage.proxy.set({ kind: 'none' })
  const goodAt = performance.now()
  let recovered = NaN
  while (Number.isNaN(recovered) && performance.now() - goodAt < 20_000)
    if ((await send(next(1))).status === 200) recovered = (performance.now() - goodAt) / 1000
  const after = await openLoop({ ratePerSecond: 50, seconds: 4, next })
  const refused = ledger.filter((entry) => entry.status === 503).map((entry) => entry.ms)
  const problems: string[] = []
  if (refused.length === 0) problems.push('nothing was refused, so the connections were enough')
  if (percentile(refused, 0.99) > DATABASE_LIMIT_MS) problems.push(`refusals took ${percentile(refused, 0.99).toFixed(0)} ms (p99)`)
  if (!(recovered <= RECOVERY_SECONDS)) problems.push(`the first success came ${recovered} s after the network was good`)
  if (bad(after).length > 0) problems.push(`still failing when the network is good again: ${count(after)}`)
  const all = [...ledger, ...after]
  return report(
    `${ledger.length} requests (${count(ledger)}), refusals p99 ${percentile(refused, 0.99).toFixed(0)} ms; good again after ${recovered.toFixed(1)} s, then ${count(after)}`,
    all, problems, unclean(all), unanswered(all), await auditChanges(stage, project, all), await ended(plane, stage.control),
  )
}

/** Half of the sockets dawdle over their headers, half over their body. */
async function slowClients(stage: FaultStage, sockets: number, seconds: number): Promise<RunReport> {
  const project = await stage.project('Slow')
  const plane = await stage.start('data-plane')
  const token = (await send(signUp(plane, project))).body?.['access_token'] as string
  const before = memoryOf(plane)
  const open: Socket[] = []
  const head = `POST /${project.printedId}/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`
  for (let index = 0; index < sockets; index++) {
    const socket = connectTcp(plane.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(index % 2 === 0 ? head : head.slice(0, 1 + (index % (head.length - 3))))
    open.push(socket)
  }
  const trickle = setInterval(() => {
    for (const socket of open) if (!socket.destroyed) socket.write(' ')
  }, 5_000)
  const ledger = await openLoop({ ratePerSecond: 30, seconds, next: () => readUser(plane, project, token) })
  clearInterval(trickle)
  const left = open.filter((socket) => !socket.destroyed).length
  for (const socket of open) socket.destroy()
  const problems: string[] = []
  if (bad(ledger).length > 0) problems.push(`${bad(ledger).length} good requests failed: ${count(ledger)}`)
  // 15 s for a whole request, and what the check's interval adds.
  if (seconds > 25 && left > 0) problems.push(`${left} slow sockets were kept for ${seconds} s`)
  return report(
    `${sockets} sockets, ${left} left after ${seconds} s; ${ledger.length} good requests meanwhile (${count(ledger)}), p99 ${p99(ledger).toFixed(0)} ms; memory ${before} MB, at most ${peakMemoryOf(plane)} MB`,
    ledger, problems, unclean(ledger), unanswered(ledger), await ended(plane),
  )
}

/** All clients come back at once; another project is at work meanwhile. */
async function wave(stage: FaultStage, seconds: number): Promise<RunReport> {
  const project = await stage.project('Wave')
  const other = await stage.project('Other')
  const plane = await stage.start('data-plane')
  const known = await send(signUp(plane, project))
  const token = (await send(signUp(plane, other))).body?.['access_token'] as string
  await openLoop({ ratePerSecond: 50, seconds: 2, next: () => readUser(plane, other, token) })
  const before = memoryOf(plane)
  const reading = openLoop({ ratePerSecond: 10, seconds, next: () => readUser(plane, other, token) })
  const ledger = await openLoop({ ratePerSecond: 1_000, seconds, next: () => logIn(plane, project, known.email) })
  const reads = await reading
  const overAt = performance.now()
  let recovered = NaN
  while (Number.isNaN(recovered) && performance.now() - overAt < 20_000)
    if ((await send(logIn(plane, project, known.email))).status === 200) recovered = (performance.now() - overAt) / 1000
  const refused = ledger.filter((entry) => entry.status === 503).map((entry) => entry.ms)
  const good = ledger.filter((entry) => entry.status === 200)
  const problems: string[] = []
  if (good.length === 0) problems.push('no login succeeded')
  if (bad(reads).length > 0) problems.push(`another project had ${bad(reads).length} errors: ${count(reads)}`)
  if (refused.length > 0 && percentile(refused, 0.99) > WAVE_LIMIT_MS)
    problems.push(`refusals took ${percentile(refused, 0.99).toFixed(0)} ms (p99)`)
  if (!(recovered <= RECOVERY_SECONDS)) problems.push(`the first login got in ${recovered} s after the wave`)
  const grown = peakMemoryOf(plane) - before
  if (grown > WAVE_MEMORY_MB) problems.push(`memory grew by ${grown} MB`)
  return report(
    `${ledger.length} logins (${count(ledger)}): answered p99 ${p99(good).toFixed(0)} ms, refused p50 ${percentile(refused, 0.5).toFixed(0)} and p99 ${percentile(refused, 0.99).toFixed(0)} ms; the next login got in after ${recovered.toFixed(1)} s; reads of another project: ${count(reads)}, p99 ${p99(reads).toFixed(0)} ms; memory ${before} MB, at most ${peakMemoryOf(plane)} MB`,
    [...ledger, ...reads],
    problems,
    unclean(ledger),
    unclean(reads),
    unanswered([...ledger, ...reads]),
    await auditChanges(stage, project, ledger),
    await ended(plane),
  )
}

/** The same work of one project in turns alone and beside the storm of another, which is limited as by default. */
async function noisyNeighbour(stage: FaultStage, rounds: number, seconds: number): Promise<RunReport> {
  const quiet = await stage.project('Quiet')
  const noisy = await stage.project('Noisy', 'default')
  const plane = await stage.start('data-plane')
  const made = await send(signUp(plane, quiet))
  const token = made.body?.['access_token'] as string
  const work = (index: number): Call => (index % 20 === 0 ? logIn(plane, quiet, made.email) : readUser(plane, quiet, token))
  const doWork = () => openLoop({ ratePerSecond: 60, seconds, next: work })
  // Wrong passwords: a right one is given its point back, and would be no attempt.
  // 20 logins, 20 sign-ups and 20 resets in a quarter of an hour are allowed to one client: 500 of each come from each of five within five
  // rounds of 10 s.
  const at = `${plane.url}/${noisy.printedId}`
  const storm = (index: number): Call => {
    const email = `nobody${index % 50}@example.com`
    const path = ['login', 'signup', 'password-reset'][index % 3] as string
    return {
      kind: `storm ${path}`,
      url: `${at}/${path}`,
      ip: `192.0.2.${index % 5}`,
      body: path === 'password-reset' ? { email } : { email, password: path === 'login' ? 'never the right one' : PASSWORD },
    }
  }
  // Until nothing is slow for being done the first time.
  await openLoop({ ratePerSecond: 60, seconds: Math.min(seconds, 5), next: work })
  const alone: Entry[][] = []
  const beside: Entry[][] = []
  const stormed: Entry[] = []
  for (let round = 0; round < rounds; round++) {
    alone.push(await doWork())
    const storming = openLoop({ ratePerSecond: 160, seconds, next: (index) => storm(round * 160 * seconds + index) })
    beside.push(await doWork())
    stormed.push(...(await storming))
  }
  const together = beside.flat()
  const problems: string[] = []
  if (bad(together).length > 0) problems.push(`the quiet project had ${bad(together).length} errors: ${count(together)}`)
  // By its limits, or because it has its share of a busy process already.
  const held = stormed.filter((entry) => entry.status === 429 || entry.status === 503).length
  if (held < stormed.length / 2) problems.push(`only ${held} of ${stormed.length} requests of the storm were held back`)
  const figures: string[] = []
  for (const kind of ['user', 'login']) {
    const [calm, loud] = [p99(alone.flat(), kind), p99(together, kind)]
    const factor = loud / calm
    figures.push(`${kind} p99 ${calm.toFixed(1)} ms alone, ${loud.toFixed(1)} ms beside the storm (${factor.toFixed(2)} ×)`)
    // In CI other tests have the cores too.
    if (rounds > 1 && factor > 2 && loud > P99_FLOOR_MS) problems.push(`p99 of the quiet project's ${kind} rose ${factor.toFixed(2)} ×`)
  }
  return report(
    `quiet project: ${figures.join('; ')}, ${count(together)}; storm: ${stormed.length} requests (${count(stormed)})`,
    [...together, ...stormed],
    problems,
    unclean(together),
    unclean(stormed),
    unanswered([...together, ...stormed]),
    await ended(plane),
  )
}

export const LOAD_FAULTS: FaultRun[] = [
  {
    name: 'more callers than connections, on a slow network',
    seconds: 35,
    promises: 'P1 P6 P13',
    done: '4 connections with 200 ms more per round trip under 200 requests/s for 15 s',
    short: false,
    run: (size) => withStage({ env: { DATABASE_POOL_SIZE: '4' } }, (stage) => exhaustPool(stage, size === 'short' ? 4 : 15)),
  },
  {
    name: 'slow clients: a byte every 5 s',
    seconds: 45,
    promises: 'P13',
    done: '2,000 sockets for 30 s, half in their headers and half in their body, beside 30 reads/s',
    short: false,
    run: (size) => withStage({}, (stage) => slowClients(stage, size === 'short' ? 300 : 2_000, size === 'short' ? 6 : 30)),
  },
  {
    name: 'a wave of logins',
    seconds: 40,
    promises: 'P6 P12 P13 P14',
    done: '10,000 logins of one project in 10 s, no limits, beside 10 reads/s of another',
    short: false,
    run: (size) => withStage({}, (stage) => wave(stage, size === 'short' ? 1 : 10)),
  },
  {
    name: 'one project at 20 × its limits while another works',
    seconds: 130,
    promises: 'P6 P12',
    done: 'five rounds of 10 s alone and 10 s beside: 160 logins, sign-ups and resets/s of five clients of the other project, more than 20 × their limits of a quarter of an hour',
    short: true,
    run: (size) => withStage({}, (stage) => (size === 'short' ? noisyNeighbour(stage, 1, 4) : noisyNeighbour(stage, 5, 10))),
  },
]
