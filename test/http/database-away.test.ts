import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.js'
import { build, nameOf, ownBearer, sampleOf, type Plane } from '../isolation/foreign-calls.js'
import type { Owned } from '../isolation/route-samples.js'
import { stageTwoTenants, type RawAnswer, type RawRequest, type Stage } from '../isolation/two-tenants.js'

/** Promise P6: every route of both planes, however its database is lost, is refused in time, in the form of every other refusal. */
const LIMIT_MS = 2_000

let stage: Stage
let proxy: FaultProxy
let own: Owned
const lines: string[] = []

beforeAll(async () => {
  stage = await stageTwoTenants({
    through: async (url) => {
      const target = new URL(url)
      proxy = await startFaultProxy({ host: target.hostname, port: Number(target.port) })
      target.port = String(proxy.port)
      return target.href
    },
    logTo: (line) => void lines.push(line),
  })
  own = { tenant: stage.a, person: await stage.person() }
})
afterAll(async () => {
  proxy?.set({ kind: 'none' })
  await stage?.close()
  await proxy?.close()
})

interface Asked {
  name: string
  answer: RawAnswer
  ms: number
}

async function ask(name: string, plane: Plane, request: RawRequest): Promise<Asked> {
  const begunAt = performance.now()
  const answer = await stage.send(plane, request)
  return { name, answer, ms: performance.now() - begunAt }
}

/** Each route with its owner's own good request, all at once. */
function askAll(): Promise<Asked[]> {
  return Promise.all(
    (['data', 'control'] as const).flatMap((plane) =>
      listRoutes(stage.apps[plane]).flatMap((route) => {
        const sample = sampleOf(plane, route)
        // It moves the clock of the test.
        if (!sample || nameOf(route) === 'POST /__test/clock') return []
        const request = build(plane, route, sample.request(own), own.tenant, ownBearer(plane, route, sample, own, stage.operatorKey))
        return [ask(`${plane} ${nameOf(route)}`, plane, request)]
      }),
    ),
  )
}

const needsDatabase = (): Set<string> =>
  new Set(
    (['data', 'control'] as const).flatMap((plane) =>
      listRoutes(stage.apps[plane])
        .filter((route) => sampleOf(plane, route) && !['public', 'claims'].includes(String(route.access)))
        .map((route) => `${plane} ${nameOf(route)}`),
    ),
  )

/** Of our own form, of OAuth (RFC 6749, 4.1.2.1) and of SCIM. */
const CODES = /"(code|error)":\s*"(unavailable|temporarily_unavailable)"|scim:api:messages:2\.0:Error/

/** What says anything of the house: hosts, roles, SQL, the driver's words. */
const INSIDE = /127\.0\.0\.1:\d|ECONN|timeout|timed out|portico_(data|control)|\bselect [^<]* from |\bpg_|57P0|25006|PostgreSQL|Prisma|read-only/i

function problemsOf({ name, answer, ms }: Asked, limitMs: number): string[] {
  const problems: string[] = []
  if (ms > limitMs) problems.push(`took ${ms.toFixed(0)} ms`)
  if (answer.status >= 500) {
    if (answer.status !== 503) problems.push(`was answered ${answer.status}: ${answer.text.slice(0, 200)}`)
    if (answer.headers['retry-after'] === undefined) problems.push('says nothing of when to come again')
    const inside = INSIDE.exec(answer.text.replaceAll(/<(script|style)\b.*?<\/\1>/gs, ''))
    if (inside) problems.push(`tells of the inside: ${inside[0]}`)
    if (/json/.test(String(answer.headers['content-type'])) && !CODES.test(answer.text))
      problems.push(`has another code: ${answer.text.slice(0, 200)}`)
  }
  return problems.map((problem) => `${name} ${problem}`)
}

/**
 * All these requests at once, both planes and their client are one process here: what does not need the database shows how long a turn in
 * it takes, and a request takes a few. `npm run faults` holds the limit itself.
 */
function limitOf(round: readonly Asked[]): number {
  const turns = round.filter(({ name }) => /GET \/(health\/live|docs|openapi\.json)$/.test(name)).map(({ ms }) => ms)
  expect(turns.length).toBeGreaterThan(0)
  return LIMIT_MS + 4 * Math.max(...turns)
}

const readOnly = async (yes: boolean): Promise<void> => {
  const name = new URL(stage.database.url).pathname.slice(1)
  await stage.owner.query(`alter database "${name}" set default_transaction_read_only = ${yes ? 'on' : 'off'}`)
  proxy.cutAll()
}

const isReady = async (plane: Plane): Promise<boolean> => (await stage.send(plane, { method: 'GET', path: '/health/ready' })).status === 200

const FAULTS: { name: string; begin: () => void | Promise<void>; end?: () => Promise<void>; reads?: true; once?: true }[] = [
  {
    name: 'connections are refused',
    begin: () => {
      proxy.set({ kind: 'refuse' })
      proxy.cutAll()
    },
  },
  { name: 'packets vanish', begin: () => proxy.set({ kind: 'black_hole' }) },
  {
    name: 'it starts up',
    begin: () => proxy.set({ kind: 'refuse_with', code: '57P03', message: 'the database system is starting up' }),
    once: true,
  },
  {
    name: 'it is shut down by an administrator',
    begin: () => proxy.set({ kind: 'refuse_with', code: '57P01', message: 'terminating connection due to administrator command' }),
    once: true,
  },
  { name: 'it takes no writes', begin: () => readOnly(true), end: () => readOnly(false), reads: true, once: true },
]

describe.each(FAULTS)('$name', ({ begin, end, reads, once }) => {
  test('every route is refused in time, says when to come again and nothing of the inside', async () => {
    const needing = needsDatabase()
    await begin()
    const logged = lines.length
    // In work when it begins; and when it is known.
    for (const round of [await askAll(), ...(once ? [] : [await askAll()])]) {
      const limit = reads ? Infinity : limitOf(round)
      expect(round.flatMap((asked) => problemsOf(asked, limit))).toEqual([])
      const done = round.filter(({ name, answer }) => needing.has(name) && answer.status < 400)
      if (!reads) expect(done.map(({ name, answer }) => `${name} ${answer.status}`)).toEqual([])
      // All but what is refused without asking it, as a bucket that is full or what the environment settles.
      const refused = round.filter(({ answer }) => answer.status === 503).length
      expect(refused).toBeGreaterThan(reads ? 0 : needing.size - 10)
      // One line for the refusal and one for the request.
      expect(lines.length - logged).toBeLessThan(4 * round.length + 100)
    }
    if (!reads) for (const plane of ['data', 'control'] as const) expect(await isReady(plane)).toBe(false)
    await end?.()
    proxy.set({ kind: 'none' })
    for (const plane of ['data', 'control'] as const) await expect.poll(() => isReady(plane), { interval: 20 }).toBe(true)
    expect((await stage.control.call('GET', 'projects')).status).toBe(200)
  })
})

test('no line of the log holds what a request proved itself with', () => {
  const text = lines.join('\n')
  const { accessToken, refreshToken, password } = own.person
  for (const secret of [accessToken, refreshToken, password, own.tenant.apiKey]) expect(text).not.toContain(secret)
})
