import { writeSync } from 'node:fs'
import { listRoutes, type RouteEntry } from '@portico/http/route-table'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackDatabase } from './database-attempts.js'
import { build, difference, inOrder, judge, leavesOf, nameOf, sampleOf, tryRoute, withLeaf, type ForeignCall, type Plane } from './foreign-calls.js'
import type { Owned, RouteSample, Sample } from './route-samples.js'
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
const NAMING = new Set(['token', 'refresh_token', 'id', 'projectId', 'instanceId', 'keyId', 'userId', 'uid', 'domainId', 'sessionId', 'code', 'current_password'])

function lootOf({ tenant, person }: Owned): Record<string, string> {
  const { tenantId, projectId, secondProjectId, keyId, instanceId, domainId, apiKey, secret, kid, hostname, marker } = tenant
  const bare = (id: string) => id.slice(id.indexOf('_') + 1)
  return {
    tenantId, projectId, secondProjectId, keyId, instanceId, domainId, apiKey, secret, kid, hostname, marker,
    bareProjectId: bare(projectId), bareKeyId: bare(keyId), bareInstanceId: bare(instanceId),
    upperProjectId: projectId.toUpperCase(), spacedProjectId: ` ${projectId}`,
    email: person.email, password: person.password, userId: person.userId, accessToken: person.accessToken, refreshToken: person.refreshToken,
    sessionId: person.sessionId, secondSessionId: person.secondSessionId,
    unsignedToken: `${person.accessToken.split('.').slice(0, 2).join('.')}.`,
    noneToken: `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${person.accessToken.split('.')[1]}.`,
    ...Object.fromEntries(Object.entries(person.oneTimeTokens).map(([purpose, token]) => [`${purpose} token`, token])),
  }
}

/** How many of `lootOf` belong to the tenant; the rest are a person's, who is new for every route. */
const TENANT_LOOT = 16

/** Each value of my request, and each place for a credential, holding each thing of theirs. */
function* generated(plane: Plane, route: RouteEntry, sample: RouteSample, mine: Owned, theirs: Owned): Generator<ForeignCall> {
  const own = sample.request(mine)
  const session = plane === 'data' ? route.access !== 'public' : route.access !== 'public'
  const bearer = !session ? null : plane === 'data' ? mine.person.accessToken : mine.tenant.apiKey
  const call = (what: string, request: Sample, as: string | null, mustRefuse: boolean): ForeignCall => ({
    what,
    request: build(plane, route, request, mine.tenant, as),
    mustRefuse,
  })
  // A header of the wrong shape cannot be sent.
  const sendable = (text: string) => /^[\x21-\x7e]+$/.test(text)
  const tenantWide = new Set(Object.entries(lootOf(theirs)).slice(0, TENANT_LOOT).map(([, value]) => value))
  for (const [name, value] of Object.entries(lootOf(theirs))) {
    const foreign = value !== lootOf(mine)[name]
    for (const leaf of leavesOf(own)) {
      if (typeof leaf.value === 'object' && leaf.value !== null) continue
      // What I store under a free name would be shown to me later, and look like a leak.
      if (!NAMING.has(leaf.name) && route.method !== 'GET' && tenantWide.has(value)) continue
      const must = foreign && NAMING.has(leaf.name) && (sample.foreign === 'refused' || leaf.place === 'params')
      yield call(`${leaf.name} = their ${name}`, withLeaf(own, { ...leaf, value }), bearer, must)
    }
    if (!sendable(value)) continue
    const actsForItself = plane === 'control' && name === 'apiKey' && !route.path.includes('/:')
    if (session && !actsForItself) yield call(`bearer = their ${name}`, own, value, true)
    if (session) yield call(`cookie = their ${name}`, { ...own, headers: { cookie: `__Secure-portico-refresh=${value}; session=${value}` } }, null, true)
    for (const header of ['x-project-id', 'x-tenant-id', 'x-forwarded-host', 'x-original-url', 'idempotency-key']) {
      if (foreign) yield call(`${header} = their ${name}`, { ...own, headers: { [header]: value } }, plane === 'data' && session ? theirs.person.accessToken : session ? 'no-key' : null, session)
    }
  }
}

test('nothing of one project opens anything of another over HTTP', async () => {
  const failures: string[] = []
  const totals = { attempts: 0, statuses: new Map<number, number>(), rounds: 0 }
  const started = performance.now()
  const table = new Map<string, number>()
  while (totals.attempts < ATTEMPTS && failures.length === 0) {
    totals.rounds += 1
    for (const plane of ['data', 'control'] as const) {
      for (const route of inOrder(listRoutes(stage.apps[plane]))) {
        const sample = sampleOf(plane, route)
        if (!sample) {
          failures.push(`${plane} ${nameOf(route)} has no sample request: add one to test/isolation/route-samples.ts`)
          continue
        }
        const [personA, personB] = await stage.people()
        const a = { tenant: stage.a, person: personA }
        const b = { tenant: stage.b, person: personB }
        for (const [mine, theirs] of [[a, b], [b, a]] as const) {
          const curated = await tryRoute(stage, plane, route, mine, theirs)
          failures.push(...curated.failures)
          const before = await stage.checksum(theirs.tenant)
          let calls = curated.calls
          for (const call of generated(plane, route, sample, mine, theirs)) {
            const answer = await stage.send(plane, call.request)
            calls += 1
            totals.statuses.set(answer.status, (totals.statuses.get(answer.status) ?? 0) + 1)
            const problem = judge(call, answer, theirs)
            if (problem) failures.push(`${plane} ${nameOf(route)}, ${call.what}: ${problem}`)
          }
          const after = await stage.checksum(theirs.tenant)
          if (before !== after) failures.push(`${plane} ${nameOf(route)} changed rows of another project: ${difference(before, after)}`)
          totals.attempts += calls
          table.set(`${plane} ${nameOf(route)}`, (table.get(`${plane} ${nameOf(route)}`) ?? 0) + calls)
        }
      }
    }
  }
  print(`\nIsolation over HTTP: ${totals.attempts} attempts on ${table.size} routes in ${((performance.now() - started) / 1000).toFixed(1)} s, ${totals.rounds} round(s)`)
  for (const [route, calls] of table) print(`  ${String(calls).padStart(6)}  ${route}`)
  print(`  answers: ${[...totals.statuses].toSorted(([x], [y]) => x - y).map(([status, n]) => `${status}: ${n}`).join(', ')}`)
  print(`  successes that showed or changed something of the other project: ${failures.length}`)
  for (const failure of failures.slice(0, 50)) print(`  FAILED ${failure}`)
  expect(failures).toEqual([])
  expect(totals.attempts).toBeGreaterThanOrEqual(ATTEMPTS)
})

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
