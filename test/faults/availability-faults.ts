import { setTimeout as sleep } from 'node:timers/promises'
import { carriesStatements, startPgbouncer } from '../support/pgbouncer.js'
import { startCluster } from '../support/redis-shapes.js'
import { ComposeHa, missingForPatroni, storeIsThere } from './compose-ha.js'
import { crowdThrough, type Place } from './database-faults.js'
import type { FaultStage, FaultStageOptions } from './fault-stage.js'
import { mailsThrough } from './mail-faults.js'
import { REVOCATIONS, REVOKED_WITHIN_MS, revocations } from './revocations.js'
import { notRun, withStage, type FaultRun, type RunReport } from './run.js'

/** P9: from the moment that a node says of itself that it is the primary to the first request that is answered with success. */
const READY_SECONDS = 2

/** The house of deploy/compose-ha: its PostgreSQL where `patroni`, its Valkey where `valkey`, and what goes through its HAProxy. */
async function withHouse(
  parts: { patroni?: boolean; valkey?: boolean },
  work: (stage: FaultStage, house: ComposeHa) => Promise<RunReport>,
): Promise<RunReport> {
  let house: ComposeHa | undefined
  const open = async (folder: string) => (house ??= await ComposeHa.open(`${folder}/house`))
  const options: FaultStageOptions = {
    before: async ({ folder }) => {
      const here = await open(folder)
      if (parts.valkey) await here.startValkey()
      return {
        env: parts.valkey ? { REDIS_URL: here.variable('data-plane-1', 'REDIS_URL') } : {},
        stop: () => here.close(),
      }
    },
  }
  if (parts.patroni)
    options.database = async (folder) => {
      const here = await open(folder)
      return { url: await here.startDatabase(), port: here.port('haproxy', 5432), stop: () => here.close() }
    }
  try {
    return await withStage(options, (stage) => work(stage, house as ComposeHa))
  } finally {
    await house?.close()
  }
}

/** Two of each service behind the house's HAProxy. */
const twoOfEach = (house: ComposeHa) => async (stage: FaultStage): Promise<Place> => {
  const planes = await Promise.all([1, 2].map((n) => stage.start('data-plane', { port: house.port(`data-plane-${n}`, 4100) })))
  const workers = await Promise.all([stage.start('worker'), stage.start('worker')])
  const url = `http://127.0.0.1:${house.port('haproxy', 4100)}`
  await house.until('HAProxy leads to a data plane', () => fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false), 20)
  return { at: { url }, apps: [...planes, ...workers], ratePerSecond: 10, seconds: 75, readyWithin: READY_SECONDS }
}

const other = (name: string | null) => (name === 'patroni-1' ? 'patroni-2' : 'patroni-1')

/** The primary and its Patroni are killed; the replica takes over by itself, and the old one follows it when it comes back. */
const failover = (): Promise<RunReport> =>
  withHouse({ patroni: true }, (stage, house) =>
    crowdThrough(
      stage,
      'long',
      async () => {
        const old = (await house.is('primary')) as string
        const killedAt = performance.now()
        await house.kill(old)
        await house.until('the replica is the primary', async () => (await house.is('primary', [other(old)])) !== null, 60)
        const seconds = (performance.now() - killedAt) / 1000
        setTimeout(() => house.start(old), 10_000)
        void house.until('the old primary follows', async () => (await house.is('replica', [old])) !== null, 60).catch(() => undefined)
        return `the replica was the primary ${seconds.toFixed(1)} s after the kill`
      },
      twoOfEach(house),
    ).then(async (done) => {
      const follows = await house
        .until('both are there again', async () => (await house.is('replica')) !== null, 60)
        .then(() => [], (error: Error) => [error.message])
      return { ...done, problems: [...done.problems, ...follows] }
    }),
  )

const switchover = (): Promise<RunReport> =>
  withHouse({ patroni: true }, (stage, house) =>
    crowdThrough(
      stage,
      'long',
      async () => {
        const old = (await house.is('primary')) as string
        const askedAt = performance.now()
        const answer = await fetch(`http://127.0.0.1:${house.port(old, 8008)}/switchover`, {
          method: 'POST',
          body: JSON.stringify({ leader: old, candidate: other(old) }),
        })
        if (!answer.ok) throw new Error(`the switchover was answered ${answer.status}: ${await answer.text()}`)
        await house.until('the replica is the primary', async () => (await house.is('primary', [other(old)])) !== null, 60)
        return `the other node was the primary ${((performance.now() - askedAt) / 1000).toFixed(1)} s after the switchover was asked for`
      },
      twoOfEach(house),
    ),
  )

/** Transactions share sessions; two data planes; the pooler is killed once and comes back. */
async function pooled(): Promise<RunReport> {
  if (!carriesStatements) return notRun('pgbouncer 1.21 or newer (Debian 13 has 1.24)')
  let pooler: Awaited<ReturnType<typeof startPgbouncer>> | undefined
  let again: () => Promise<void> = async () => undefined
  const before: FaultStageOptions['before'] = async ({ url, rolePasswords }) => {
    const owner = new URL(url)
    const users = { ...rolePasswords, [decodeURIComponent(owner.username)]: decodeURIComponent(owner.password) }
    pooler = await startPgbouncer(url, { mode: 'transaction', users, size: 20 })
    const { port } = pooler
    again = async () => void (pooler = await startPgbouncer(url, { mode: 'transaction', users, size: 20, port }))
    return { env: { DATABASE_URL: pooler.through(url), DATABASE_DIRECT_URL: url }, stop: async () => pooler?.stop() }
  }
  let slow = 0
  let alive = 0
  const done = await withStage({ before }, (stage) =>
    crowdThrough(
      stage,
      'long',
      async ({ apps }, project) => {
        ;({ slowest: slow, revived: alive } = await revocations([apps[0]!, apps[1]!], project))
        await pooler?.stop()
        await sleep(3_000)
        await again()
        return `${REVOCATIONS} sessions ended at one data plane were refused by the other after ${slow.toFixed(0)} ms at the most; then the pooler was away for 3 s`
      },
      async (running) => {
        const planes = [await running.start('data-plane'), await running.start('data-plane')]
        return { at: planes[0]!, apps: [...planes, await running.start('worker')], ratePerSecond: 10, seconds: 60 }
      },
    ),
  )
  const problems = [...done.problems]
  if (slow > REVOKED_WITHIN_MS) problems.push(`an ended session lived for ${slow.toFixed(0)} ms at the other data plane`)
  if (alive > 0) problems.push(`${alive} ended sessions were good again`)
  return { ...done, problems }
}

/** Readiness of a worker whose store has just lost its primary: down first, up in the end. */
async function tellsOfStore({ url }: Place['at']): Promise<string[]> {
  const state = async () => {
    const { checks } = (await (await fetch(`${url}/health/ready`)).json()) as { checks?: Record<string, string> }
    return checks?.['queue'] ?? 'unknown'
  }
  for (const [wanted, seconds] of [['down', 10], ['up', 40]] as const) {
    const deadline = performance.now() + seconds * 1000
    while ((await state()) !== wanted) {
      if (performance.now() > deadline) return [`readiness of a worker did not say within ${seconds} s that the queue is ${wanted}`]
      await sleep(100)
    }
  }
  return []
}

/** The primary of the store is killed with mails on their way. */
const storePrimaryDies = (stage: FaultStage, kill: () => Promise<void>): Promise<RunReport> =>
  mailsThrough(stage, 200, async ({ resets }) => {
    stage.provider.always({ kind: 'slow', ms: 50 })
    const workers = await Promise.all([stage.start('worker'), stage.start('worker')])
    const asking = resets()
    await sleep(300)
    await kill()
    // The queue was on that primary: whoever works on it says so, and takes it back when another one has taken over.
    const problems = (await Promise.all(workers.map((worker) => tellsOfStore(worker)))).flat()
    const ledger = await asking
    stage.provider.heal()
    return { healthyAt: Date.now(), ledger, problems, measured: `; ${stage.provider.attempts.length} tries before the rest` }
  })

const sentinel = (): Promise<RunReport> =>
  withHouse({ valkey: true }, (stage, house) => storePrimaryDies(stage, () => house.kill('valkey-1')))

async function cluster(): Promise<RunReport> {
  const shape = await startCluster()
  try {
    const slot = Number(await shape.nodes[0]!.client.cluster('KEYSLOT', '{portico}'))
    const primary = shape.nodes[Math.floor(slot / Math.ceil(16_384 / 3))]!
    return await withStage({ env: { REDIS_URL: shape.url } }, (stage) => storePrimaryDies(stage, () => primary.kill()))
  } finally {
    await shape.stop()
  }
}

const needsPatroni = (run: () => Promise<RunReport>) => async () => {
  const missing = missingForPatroni()
  return missing.length > 0 ? notRun(missing.join(', ')) : run()
}
const needsStore = (run: () => Promise<RunReport>) => async () => (storeIsThere() ? run() : notRun('valkey-server or redis-server'))

export const AVAILABILITY_FAULTS: FaultRun[] = [
  {
    name: 'pgbouncer in transaction mode, two data planes',
    seconds: 90,
    promises: 'P1 P2 P3 P5 P6 P9 P14 P16',
    done: '10 sign-ups/s for 60 s with logouts and new passwords; 30 sessions ended at one data plane and asked of the other; pgbouncer killed and away for 3 s',
    short: false,
    run: pooled,
  },
  {
    name: 'Patroni: the primary is killed (-9)',
    seconds: 130,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'the house of deploy/compose-ha under 10 sign-ups/s for 75 s, two of each service; PostgreSQL and Patroni of the primary killed, started again 10 s after the failover',
    short: false,
    run: needsPatroni(failover),
  },
  {
    name: 'Patroni: planned switchover',
    seconds: 130,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'the same house and load; the primary hands over to its replica',
    short: false,
    run: needsPatroni(switchover),
  },
  {
    name: 'Sentinel: the primary is killed with mails on their way',
    seconds: 60,
    promises: 'P3 P4 P5',
    done: 'the Valkey of deploy/compose-ha; 200 mails, two workers; the primary killed 0.3 s after the first',
    short: false,
    run: needsStore(sentinel),
  },
  {
    name: 'cluster: the primary of the queue is killed with mails on their way',
    seconds: 60,
    promises: 'P3 P4 P5',
    done: 'six nodes; 200 mails, two workers; the primary that has the queue killed 0.3 s after the first',
    short: false,
    run: needsStore(cluster),
  },
]
