import { writeSync } from 'node:fs'
import { listRoutes, type RouteEntry } from '@portico/http/route-table'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackDatabase } from './database-attempts.js'
import {
  build,
  difference,
  inOrder,
  isGood,
  judge,
  leavesOf,
  credentialsOf,
  credentialsOfTenant,
  nameOf,
  ownBearer,
  sampleOf,
  tryRoute,
  withLeaf,
  type ForeignCall,
  type Plane,
} from './foreign-calls.js'
import { LAST, type Owned, type RouteSample, type Sample } from './route-samples.js'
import { stageTwoTenants, type Stage } from './two-tenants.js'

/** `npm run proof:isolation`: generated attempts against every route and every table, and a report. */
const ATTEMPTS = Number(process.env['PROOF_ATTEMPTS'] ?? 10_000)

let stage: Stage
beforeAll(async () => {
  stage = await stageTwoTenants()
})
afterAll(() => stage?.close())

const print = (line: string) => void writeSync(1, `${line}\n`)

// Values that name what is asked for: a foreign one may never be answered with success. The others are mine to choose.
const NAMING = new Set([
  'token', 'refresh_token', 'id', 'projectId', 'instanceId', 'keyId', 'userId', 'uid', 'domainId', 'sessionId', 'code', 'current_password',
  'code_verifier', 'mfa_token', 'credential', 'state', 'ticket', 'cookie',
])
/** What a careless program might take for the project from a header. */
const HEADERS = ['x-project-id', 'x-tenant-id', 'x-forwarded-host', 'x-original-url', 'idempotency-key']
// A header of the wrong shape cannot be sent.
const sendable = (text: string) => /^[\x21-\x7e][\x20-\x7e]*$/.test(text)
const isOpaque = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Each value of my request, and each place for a credential, holding each thing of theirs; with the kind of thing. */
function* generated(plane: Plane, route: RouteEntry, sample: RouteSample, mine: Owned, theirs: Owned): Generator<[string, ForeignCall]> {
  const own = sample.request(mine)
  const session = route.access !== 'public'
  const bearer = ownBearer(plane, route, sample, mine, mine.tenant.apiKey)
  const call = (what: string, request: Sample, as: string | null, mustRefuse: boolean): ForeignCall => ({
    what,
    request: build(plane, route, request, mine.tenant, as),
    mustRefuse,
  })
  const known = credentialsOf(mine)
  const ofTenant = new Set(Object.keys(credentialsOfTenant(mine.tenant)))
  const captured = Object.entries(credentialsOf(theirs))
  for (const [kind, value] of captured) {
    for (const leaf of leavesOf(own)) {
      // An object in place of text says nothing, and the other way round.
      if (isOpaque(value) !== isOpaque(leaf.value)) continue
      if (leaf.place === 'headers' && !sendable(String(value))) continue
      // What I store under a free name would be shown to me later, and look like a leak.
      if (!NAMING.has(leaf.name) && route.method !== 'GET' && ofTenant.has(kind)) continue
      const foreign = JSON.stringify(value) !== JSON.stringify(known[kind])
      const must = foreign && NAMING.has(leaf.name) && (sample.foreign === 'refused' || leaf.place === 'params')
      yield [kind, call(`${leaf.name} = their ${kind}`, withLeaf(own, { ...leaf, value }), bearer, must)]
    }
    if (typeof value !== 'string' || !sendable(value) || !session) continue
    const actsForItself = plane === 'control' && kind === 'API key' && !route.path.includes('/:')
    if (!actsForItself && !value.includes(' ')) yield [kind, call(`bearer = their ${kind}`, own, value, true)]
    yield [kind, call(`cookie = their ${kind}`, { ...own, headers: { cookie: value.includes('=') ? value : `__Secure-portico-refresh=${value}; session=${value}` } }, null, true)]
  }
  // Last: on a public route these are my own request, which spends what it holds.
  for (const [kind, value] of captured) {
    if (!ofTenant.has(kind) || typeof value !== 'string' || !sendable(value)) continue
    for (const header of HEADERS) {
      yield [kind, call(`${header} = their ${kind}`, { ...own, headers: { ...own.headers, [header]: value } }, plane === 'data' && session ? theirs.person.accessToken : session ? 'no-key' : null, session)]
    }
  }
}

test('nothing of one project opens anything of another over HTTP', async () => {
  const failures: string[] = []
  const totals = { attempts: 0, good: 0, rounds: 0 }
  const statuses = new Map<number, number>()
  const kinds = new Map<string, number>()
  const table = new Map<string, number>()
  const started = performance.now()
  while (totals.attempts < ATTEMPTS && failures.length === 0) {
    totals.rounds += 1
    for (const plane of ['data', 'control'] as const) {
      for (const route of inOrder(listRoutes(stage.apps[plane]))) {
        const name = `${plane} ${nameOf(route)}`
        const sample = sampleOf(plane, route)
        if (!sample) {
          failures.push(`${name} has no sample request: add one to test/isolation/route-samples.ts`)
          continue
        }
        for (const turned of [false, true]) {
          const [personA, personB] = await stage.people()
          const both = [{ tenant: stage.a, person: personA }, { tenant: stage.b, person: personB }] as [Owned, Owned]
          const [mine, theirs] = turned ? [both[1], both[0]] : both
          const curated = await tryRoute(stage, plane, route, mine, theirs)
          failures.push(...curated.failures)
          const before = await stage.checksum(theirs.tenant)
          let calls = curated.calls
          for (const [kind, call] of generated(plane, route, sample, mine, theirs)) {
            const answer = await stage.send(plane, call.request)
            calls += 1
            add(statuses, answer.status)
            add(kinds, kind)
            const problem = judge(call, answer, theirs)
            if (problem) failures.push(`${name}, ${call.what}: ${problem}`)
          }
          const after = await stage.checksum(theirs.tenant)
          if (before !== after) failures.push(`${name} changed rows of another project: ${difference(before, after)}`)
          // What was refused above is good all the same, in the hands of its owner.
          const answer = await stage.send(
            plane,
            build(plane, route, sample.request(theirs), theirs.tenant, ownBearer(plane, route, sample, theirs, stage.operatorKey)),
          )
          if (isGood(sample, answer.status)) totals.good += 1
          else failures.push(`${name}: its owner's own request was answered ${answer.status} afterwards: ${answer.text.slice(0, 300)}`)
          totals.attempts += calls
          add(table, name, calls)
          if (process.env['PROOF_TRACE']) print(`${name} ${calls} ${((performance.now() - started) / 1000).toFixed(1)} s`)
          if (LAST.includes(nameOf(route))) await stage.refit()
        }
      }
    }
  }
  print(`\nIsolation over HTTP: ${totals.attempts} attempts on ${table.size} routes in ${((performance.now() - started) / 1000).toFixed(1)} s, ${totals.rounds} round(s)`)
  for (const [route, calls] of table) print(`  ${String(calls).padStart(6)}  ${route}`)
  print(`  with ${kinds.size} kinds of things: ${[...kinds].map(([kind, n]) => `${kind} ${n}`).join(', ')}`)
  print(`  answers: ${[...statuses].toSorted(([x], [y]) => x - y).map(([status, n]) => `${status}: ${n}`).join(', ')}`)
  print(`  owners whose own request was answered as it should be afterwards: ${totals.good} of ${table.size * 2 * totals.rounds}`)
  print(`  successes that showed or changed something of the other project: ${failures.length}`)
  for (const failure of failures.slice(0, 50)) print(`  FAILED ${failure}`)
  expect(failures).toEqual([])
  expect(totals.attempts).toBeGreaterThanOrEqual(ATTEMPTS)
  // A new kind of token is tried on the day that it is added to what people have.
  const [person] = await stage.people()
  expect(Object.keys(credentialsOf({ tenant: stage.a, person })).filter((kind) => !kinds.has(kind))).toEqual([])
})

function add<K>(counts: Map<K, number>, key: K, n = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}

test('their things are still theirs, and good', async () => {
  const [, person] = await stage.people()
  const answer = await stage.send('data', { method: 'POST', path: `/${stage.b.projectId}/refresh`, body: JSON.stringify({ refresh_token: person.refreshToken }) })
  expect(answer.status).toBe(200)
})

test('nothing of one project opens anything of another in the database', async () => {
  const reports = await attackDatabase(stage)
  print('\nIsolation in the database, by service role')
  for (const report of reports) {
    print(
      `  ${report.role.padEnd(16)} ${report.tables} tables, ${report.attempts} attempts: ${report.unscopedErrors} unscoped queries failed, ${report.foreignRowsSeen} foreign rows seen, ` +
        `${report.writesRefused} foreign writes without effect, ${report.foreignKeysRefused} foreign keys across projects refused`,
    )
    for (const failure of report.failures) print(`  FAILED ${failure}`)
  }
  expect(reports.flatMap((report) => report.failures)).toEqual([])
})
