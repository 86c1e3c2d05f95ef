import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, inOrder, isGood, nameOf, ownBearer, sampleOf, tryRoute, type Plane } from './foreign-calls.js'
import { CONTROL_PLANE, DATA_PLANE, LAST, type Owned } from './route-samples.js'
import { SHARED_PROVIDER } from './shared-issuer.js'
import { stageTwoTenants, type Stage } from './two-tenants.js'

/** Lock 7: every route of the table is called with what belongs to somebody else. */
let stage: Stage
beforeAll(async () => {
  stage = await stageTwoTenants()
})
afterAll(() => stage?.close())

const PLANES: Plane[] = ['data', 'control']

async function both(): Promise<[Owned, Owned]> {
  const [personA, personB] = await stage.people()
  return [
    { tenant: stage.a, person: personA },
    { tenant: stage.b, person: personB },
  ]
}

describe.each(PLANES)('a caller with somebody else’s things, %s plane', (plane) => {
  test('every route says what a good request looks like', () => {
    const without = listRoutes(stage.apps[plane]).filter((route) => !sampleOf(plane, route)).map(nameOf)
    expect(without, 'routes without a sample request in test/isolation/route-samples.ts').toEqual([])
    const routes = new Set(listRoutes(stage.apps[plane]).map(nameOf))
    const inbox = ['GET /dev/inbox', 'GET /dev/inbox.json', 'GET /dev/inbox/:mailId']
    const optional = ['GET /openapi.json', 'GET /docs', 'GET /docs/reference.js', ...inbox]
    const gone = Object.keys(plane === 'data' ? DATA_PLANE : CONTROL_PLANE).filter((name) => !routes.has(name) && !optional.includes(name))
    expect(gone, 'samples of routes that are gone').toEqual([])
  })

  test('is refused on every route, sees nothing and changes nothing', async () => {
    const failures: string[] = []
    let calls = 0
    let owners = await both()
    let spent = false
    for (const [index, route] of inOrder(listRoutes(stage.apps[plane])).entries()) {
      const sample = sampleOf(plane, route)
      if (!sample) continue
      // What only reads on the control plane spends nothing of a person's: the next route has the same ones.
      if (spent) owners = await both()
      spent = plane === 'data' || route.method !== 'GET'
      const [a, b] = owners
      // In turns here, for the time it takes; `npm run proof:isolation` goes both ways.
      const [mine, theirs] = index % 2 === 0 ? [a, b] : [b, a]
      const tried = await tryRoute(stage, plane, route, mine, theirs)
      calls += tried.calls
      failures.push(...tried.failures)
      // The same request works for its owner: otherwise the refusals above would prove nothing.
      const answer = await stage.send(
        plane,
        build(plane, route, sample.request(theirs), theirs.tenant, ownBearer(plane, route, sample, theirs, stage.operatorKey)),
      )
      if (!isGood(sample, answer.status))
        failures.push(`${plane} ${nameOf(route)}: its owner's own sample was answered ${answer.status}: ${answer.text.slice(0, 300)}`)
      if (LAST.includes(nameOf(route))) await stage.refit()
    }
    expect(failures).toEqual([])
    expect(calls).toBeGreaterThan(100)
  }, 300_000)
})

/**
 * What proves something, wherever it stands: a hash of a password, a token, a key (more than its public beginning), a secret of a webhook,
 * a password that was sent.
 */
const SECRETS = /\$argon2|whsec_|msk_(live|test)_[\w-]{20}|eyJ[\w-]+\.[\w-]+|(?<![\w-])[\w-]{43}(?![\w-])|battery/

test('of all that happened above nothing that an event carries, and so no webhook, stream or log, is a secret', async () => {
  const rows = await stage.owner.query<{ action: string; event: string }>(
    `select action, jsonb_build_array(actor_id, resource_id, metadata)::text as event from auth.audit_event
      union all select action, jsonb_build_array(actor_id, resource_id, metadata)::text from platform.audit_event`,
  )
  expect(new Set(rows.map(({ action }) => action)).size).toBeGreaterThan(60)
  expect(rows.filter(({ event }) => SECRETS.test(event))).toEqual([])
})

test('a refresh cookie of one project is worth nothing at another', async () => {
  const settings = (tenant: Stage['a'], transport: 'cookie' | 'body') =>
    stage.control.call('PATCH', `projects/${tenant.projectId}/auth`, { refresh_token_transport: transport }, { key: tenant.apiKey })
  const [a, b] = await both()
  for (const { tenant } of [a, b]) expect((await settings(tenant, 'cookie')).status).toBe(200)
  const before = await stage.checksum(b.tenant)
  const refresh = (at: Owned, cookie: string, host?: string) =>
    stage.send('data', {
      method: 'POST',
      path: host === undefined ? `/${at.tenant.projectId}/refresh` : '/refresh',
      body: '{}',
      headers: { cookie, origin: host === undefined ? 'https://auth.test.example' : `https://${host}`, ...(host === undefined ? {} : { host }) },
    })
  const theirs = b.person.refreshToken
  for (const name of ['__Secure-portico-refresh', '__Host-portico-refresh']) {
    expect((await refresh(a, `${name}=${theirs}`)).status).toBe(401)
    // 404 once the domain was given up by its own sample.
    expect([401, 404]).toContain((await refresh(a, `${name}=${theirs}`, a.tenant.hostname)).status)
    expect((await refresh(a, `${name}=${theirs}; ${name}=${theirs}`)).status).toBe(401)
  }
  expect(await stage.checksum(b.tenant)).toBe(before)
  // Once the setting is heard of.
  await expect.poll(async () => (await refresh(b, `__Secure-portico-refresh=${theirs}`)).status, { timeout: 1_000, interval: 20 }).toBe(200)
  for (const { tenant } of [a, b]) await settings(tenant, 'body')
})

test('an invitation of one project is worth nothing at another, by way of a provider either', async () => {
  const [a, b] = await both()
  const before = await stage.checksum(b.tenant)
  const back = async (at: Owned) => {
    const begun = await stage.send('data', {
      method: 'POST',
      path: `/${at.tenant.projectId}/mail/invitation/${encodeURIComponent(SHARED_PROVIDER)}`,
      body: String(new URLSearchParams({ token: b.person.oneTimeTokens['invitation'] ?? '' })),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const wanted = new URL(String(begun.headers['location'])).searchParams
    const code = stage.issuer.code({ nonce: wanted.get('nonce') ?? '', sub: `invited ${b.person.email}`, email: b.person.email })
    const query = new URLSearchParams({ state: wanted.get('state') ?? '', code, iss: stage.issuer.issuer })
    return stage.send('data', {
      method: 'GET',
      path: `/${at.tenant.projectId}/oauth/${encodeURIComponent(SHARED_PROVIDER)}/callback?${query}`,
      headers: { cookie: String(begun.headers['set-cookie']).split(';')[0] ?? '' },
    })
  }
  const foreign = await back(a)
  expect(foreign.status).toBe(400)
  expect(foreign.text).toContain('belongs to another app')
  expect(await stage.checksum(b.tenant)).toBe(before)
  expect((await back(b)).status).toBe(200)
})

test("an API key of one tenant vouches for no client of another's project", async () => {
  const [a, b] = await both()
  const forwarder = async (at: Owned) =>
    (await stage.control.call('POST', 'api-keys', { name: 'Server', scopes: ['clients:forward'] }, { key: at.tenant.apiKey })).body.data
      .key as string
  const [mine, theirs] = [await forwarder(a), await forwarder(b)]
  const before = await stage.checksum(b.tenant)
  const login = (key: string) =>
    stage.send('data', {
      method: 'POST',
      path: `/${b.tenant.projectId}/login`,
      body: JSON.stringify({ email: b.person.email, password: b.person.password }),
      headers: { 'content-type': 'application/json', 'x-portico-key': key, 'x-portico-client-address': '203.0.113.7' },
    })
  expect((await login(mine)).status).toBe(401)
  expect(await stage.checksum(b.tenant)).toBe(before)
  expect((await login(theirs)).status).toBe(200)
})
