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

/** The first try of every fifth message is refused, as receivers do; what was taken is what counts as acknowledged. */
async function listen(stage: FaultStage, path: string) {
  let tries = 0
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
    // A second refusal would wait for five minutes.
    const isNew = !seen.has(id)
    seen.add(id)
    if (isNew && seen.size % 5 === 0) return 500
    taken.set(id, (taken.get(id) ?? 0) + 1)
    return 200
  })
  secret = (await stage.api('POST', path, { url: receiver.url, types: TYPES }))['secret'] as string
  return { receiver, taken, wrong, tries: () => tries }
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
  return { committed: ids.size, lost, invented }
}

async function throughEverything(stage: FaultStage, seconds: number): Promise<RunReport> {
  const project = await stage.project('Webhooks')
  const plane = await stage.start('data-plane')
  let worker = await stage.start('worker')
  const listeners = [await listen(stage, `projects/${project.printedId}/webhooks`), await listen(stage, 'webhooks')]
  try {
    let breaking = true
    const loading = openLoop({ ratePerSecond: RATE, seconds: Infinity, until: () => !breaking, next: () => signUp(plane, project) })
    const part = (seconds * 1_000) / 4
    await sleep(part)
    await stage.kill(worker)
    worker = await stage.start('worker')
    await sleep(part)
    await stage.restartPostgres('immediate', 2_000)
    await sleep(part)
    await stage.stopRedis()
    await sleep(part)
    await stage.startRedisAgain()
    await stage.kill(worker)
    worker = await stage.start('worker')
    breaking = false
    const ledger = await loading
    const healthyAt = performance.now()
    let found = await reconcile(stage, project, listeners)
    while (found.lost.some((lost) => lost > 0) && performance.now() - healthyAt < DRAIN_MS) {
      await sleep(500)
      found = await reconcile(stage, project, listeners)
    }
    const drained = (performance.now() - healthyAt) / 1_000
    const problems = listeners.flatMap(({ wrong }) => wrong)
    for (const lost of found.lost) if (lost > 0) problems.push(`${lost} of ${found.committed} committed events were never taken`)
    if (found.invented.length > 0) problems.push(`${found.invented.length} messages tell of what was never committed`)
    if (found.committed < seconds * 2) problems.push(`only ${found.committed} events: too few to prove anything`)
    const doubles = listeners.map(({ taken }) => [...taken.values()].filter((times) => times > 1).length)
    const [own, all] = listeners as [Listener, Listener]
    return report(
      `${found.committed} events committed (${count(ledger)}); taken of the project’s endpoint ${own.taken.size}, of the tenant’s ${all.taken.size}, more than once ${doubles.join(' and ')}; ${own.tries() + all.tries()} tries; all taken ${drained.toFixed(1)} s after everything was healthy`,
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
        throughEverything(stage, size === 'short' ? 12 : 40),
      ),
  },
]
