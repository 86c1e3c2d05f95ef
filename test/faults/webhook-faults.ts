import { setTimeout as sleep } from 'node:timers/promises'
import { startReceiver, verifyWithTheirs, type Received } from '../support/webhook-receiver.js'
import { auditChanges, count, unclean } from './auditor.js'
import type { FaultProject, FaultStage } from './fault-stage.js'
import { openLoop } from './load.js'
import { ended, report, signUp, withStage, type FaultRun, type RunReport } from './run.js'

const TYPES = ['user.signed_up', 'session.started']
/** A try of a worker that was killed is taken up again when its lease of 30 s is over. */
const DRAIN_MS = 90_000
const RATE = 15

/**
 * The first try of every fifth message is refused, as receivers do; what was taken is what counts as acknowledged. A slow one has done its
 * work before it answers, as receivers do too: a try whose worker is killed meanwhile comes again, under the same id.
 */
async function listen(stage: FaultStage, path: string, isSlow: boolean) {
  let tries = 0
  let open = 0
  const idOf = new Map<string, string>()
  const seen = new Set<string>()
  const taken = new Map<string, number>()
  const wrong: string[] = []
  let secret = ''
  const receiver = await startReceiver((one: Received) => {
    try {
      verifyWithTheirs(one, secret)
    } catch (error) {
      wrong.push(`a message was not signed as it should be: ${String(error)}`)
    }
    tries += 1
    const id = String(one.headers['webhook-id'])
    const before = idOf.get(one.body) ?? id
    idOf.set(one.body, id)
    if (before !== id) wrong.push(`one message came under two ids, ${before} and ${id}`)
    // A second refusal would wait for five minutes.
    const isNew = !seen.has(id)
    seen.add(id)
    const isRefused = isNew && seen.size % 5 === 0
    if (!isRefused) taken.set(id, (taken.get(id) ?? 0) + 1)
    const said = isRefused ? 500 : 200
    if (!isSlow) return said
    open += 1
    // 200 to 800 ms, spread evenly.
    return sleep(200 + ((tries * 137) % 601)).then(() => {
      open -= 1
      return said
    })
  })
  secret = (await stage.api('POST', path, { url: receiver.url, types: TYPES }))['secret'] as string
  return { receiver, taken, wrong, tries: () => tries, open: () => open }
}

type Listener = Awaited<ReturnType<typeof listen>>

/** The ledger: what was committed, and what was acknowledged to us. */
async function reconcile(stage: FaultStage, project: FaultProject, listeners: readonly Listener[]) {
  const committed = await stage.sql((owner) =>
    owner.query<{ id: string }>(
      `select auth.webhook_message_id(created_at, number) as id from auth.audit_event where project_id = $1 and action = any ($2)`,
      [project.id, TYPES],
    ),
  )
  const ids = new Set(committed.map(({ id }) => id))
  const lost = listeners.map(({ taken }) => [...ids].filter((id) => !taken.has(id)).length)
  const invented = listeners.flatMap(({ taken }) => [...taken.keys()].filter((id) => !ids.has(id)))
  const [waiting] = await stage.sql((owner) =>
    owner.query<{ n: string }>(`select count(*) as n from auth.webhook_delivery where project_id = $1 and status = 'pending'`, [
      project.id,
    ]),
  )
  return { committed: ids.size, lost, invented, waiting: Number(waiting!.n) }
}

async function throughEverything(stage: FaultStage, seconds: number, isSlow: boolean): Promise<RunReport> {
  const project = await stage.project('Webhooks')
  const plane = await stage.start('data-plane')
  let worker = await stage.start('worker')
  const paths = [`projects/${project.printedId}/webhooks`, 'webhooks']
  const listeners = [await listen(stage, paths[0]!, isSlow), await listen(stage, paths[1]!, isSlow)]
  try {
    let breaking = true
    const loading = openLoop({ ratePerSecond: RATE, seconds: Infinity, until: () => !breaking, next: () => signUp(plane, project) })
    const part = (seconds * 1_000) / 4
    const caught: number[] = []
    const killWorker = async () => {
      caught.push(listeners.reduce((sum, { open }) => sum + open(), 0))
      await stage.kill(worker)
      worker = await stage.start('worker')
    }
    await sleep(part)
    await killWorker()
    await sleep(part)
    await stage.restartPostgres('immediate', 2_000)
    await sleep(part)
    await stage.stopRedis()
    await sleep(part)
    await stage.startRedisAgain()
    await killWorker()
    breaking = false
    const ledger = await loading
    const healthyAt = performance.now()
    let found = await reconcile(stage, project, listeners)
    // What a killed worker was at comes again when its lease is over: the doubles are counted then.
    const isDone = () => found.lost.every((lost) => lost === 0) && (!isSlow || found.waiting === 0)
    while (!isDone() && performance.now() - healthyAt < DRAIN_MS) {
      await sleep(500)
      found = await reconcile(stage, project, listeners)
    }
    const drained = (performance.now() - healthyAt) / 1_000
    const problems = listeners.flatMap(({ wrong }) => wrong)
    for (const lost of found.lost) if (lost > 0) problems.push(`${lost} of ${found.committed} committed events were never taken`)
    if (found.invented.length > 0) problems.push(`${found.invented.length} messages tell of what was never committed`)
    if (isSlow && found.waiting > 0) problems.push(`${found.waiting} deliveries still wait`)
    if (isSlow && caught.includes(0)) problems.push('a worker was killed when no try was in flight: nothing was proven')
    if (found.committed < seconds * 2) problems.push(`only ${found.committed} events: too few to prove anything`)
    const doubles = listeners.map(({ taken }) => [...taken.values()].filter((times) => times > 1).length)
    const [own, all] = listeners as [Listener, Listener]
    const inFlight = isSlow ? ` under one id each, ${caught.join(' and ')} tries in flight when a worker was killed` : ''
    return report(
      `${found.committed} events committed (${count(ledger)}); taken of the project’s endpoint ${own.taken.size}, of the tenant’s ${all.taken.size}, more than once ${doubles.join(' and ')}${inFlight}; ${own.tries() + all.tries()} tries; all taken ${drained.toFixed(1)} s after everything was healthy`,
      ledger,
      problems,
      unclean(ledger),
      await auditChanges(stage, project, ledger),
      await ended(plane, worker, stage.control),
    )
  } finally {
    for (const { receiver } of listeners) await receiver.close()
  }
}

export const WEBHOOK_FAULTS: FaultRun[] = [
  {
    name: 'webhooks while workers are killed (-9), PostgreSQL crashes and Redis goes',
    seconds: 130,
    promises: 'P1 P6 P9 P14',
    done: '15 sign-ups/s for 40 s told to two endpoints that refuse every fifth message at first; two workers killed, PostgreSQL crashed for 2 s, Redis gone for 10 s and back empty',
    // A lease alone is 30 s.
    short: false,
    run: (size) =>
      withStage({ redis: true, env: { PORTICO_ALLOW_LOOPBACK_PROVIDERS: 'true' } }, (stage) =>
        throughEverything(stage, size === 'short' ? 12 : 40, false),
      ),
  },
  {
    name: 'webhooks to slow receivers while workers are killed (-9), PostgreSQL crashes and Redis goes',
    seconds: 160,
    promises: 'P1 P6 P9 P14',
    done: 'the same with endpoints that answer after 200 to 800 ms, so that kills meet tries in flight',
    short: false,
    run: (size) =>
      withStage({ redis: true, env: { PORTICO_ALLOW_LOOPBACK_PROVIDERS: 'true' } }, (stage) =>
        throughEverything(stage, size === 'short' ? 12 : 40, true),
      ),
  },
]
