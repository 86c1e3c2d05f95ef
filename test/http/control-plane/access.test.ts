import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { listRoutes } from '@portico/http/route-table'
import { ALL_PERMISSIONS } from '@portico/kernel/permissions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let second: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
  second = await startControlPlane({ beside: plane })
})
afterAll(async () => {
  await second?.stop()
  await plane?.stop()
})

async function makeKey(scopes: string[], extra: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
  const made = await plane.call('POST', 'api-keys', { name: 'k', scopes, ...extra })
  expect(made.status).toBe(201)
  return made.body.data
}

describe('who may call', () => {
  test.each([
    ['no header', null, {}, 'Bearer'],
    ['not a key', 'hello', {}, 'Bearer error="invalid_token"'],
    ['an unknown key', `msk_live_${randomBytes(32).toString('base64url')}`, {}, 'Bearer error="invalid_token"'],
    ['another scheme', null, { authorization: 'Basic bXNrX2xpdmU6' }, 'Bearer'],
    ['an empty token', null, { authorization: 'Bearer ' }, 'Bearer'],
  ])('%s is 401 with a challenge', async (_name, key, headers, challenge) => {
    const answer = await plane.call('GET', 'projects', undefined, { key, headers })
    expect(answer.status).toBe(401)
    expect(answer.body.error.code).toBe('unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe(challenge)
  })

  test('every route that asks for a key says whether one was sent', async () => {
    const own = await startControlPlane({ config: { trustedProxyHops: 1 } })
    try {
      const routes = listRoutes(own.plane.app).filter(({ access, method }) => access !== 'public' && method !== 'HEAD')
      expect(routes.length).toBeGreaterThan(50)
      for (const [n, { method, path }] of routes.entries()) {
        const at = path.replace(/:(\w+)/g, () => randomUUID())
        // An address each: wrong keys are counted by address.
        const headers = { 'x-forwarded-for': `10.0.${n >> 8}.${n & 255}` }
        for (const [key, challenge] of [[null, 'Bearer'], ['msk_live_of_nobody', 'Bearer error="invalid_token"']] as const) {
          const answer = await own.call(method, at, undefined, { key, headers })
          expect([`${method} ${path}`, answer.status, answer.headers.get('www-authenticate')]).toEqual([
            `${method} ${path}`,
            401,
            challenge,
          ])
        }
      }
    } finally {
      await own.stop()
    }
  })

  test('every route but the public ones asks for a key, and for exactly its permission', async () => {
    const keys = new Map<string, string>()
    for (const permission of ALL_PERMISSIONS)
      keys.set(permission, (await makeKey(ALL_PERMISSIONS.filter((other) => other !== permission))).key)
    for (const route of listRoutes(plane.plane.app)) {
      if (route.access === 'public' || route.access === 'signed-in') continue
      const path = route.path.replace(/:projectId/, `proj_${randomUUID()}`).replace(/:\w+/g, randomUUID())
      expect([route.path, (await plane.call(route.method, path, undefined, { key: null })).status]).toEqual([route.path, 401])
      const { permission } = route.access as { permission: string }
      const answer = await plane.call(route.method, path, undefined, { key: keys.get(permission)! })
      expect([route.path, answer.status, answer.body.error.code]).toEqual([route.path, 403, 'insufficient_scope'])
    }
  })

  test('/v1 is another name of /api/v1', async () => {
    expect((await plane.call('GET', '/v1/projects')).status).toBe(200)
    expect((await plane.call('GET', '/v1/projects', undefined, { key: null })).status).toBe(401)
  })

  test('guessing keys is answered 429 after a while, holders of keys are not', async () => {
    const other = await startControlPlane()
    try {
      let last = 0
      for (let i = 0; i < 65; i += 1)
        last = (await other.call('GET', 'projects', undefined, { key: `msk_live_${randomBytes(32).toString('base64url')}` })).status
      expect(last).toBe(429)
      expect((await other.call('GET', 'projects')).status).toBe(200)
    } finally {
      await other.stop()
    }
  })
})

describe('keys', () => {
  test('a key is shown once and stored as a digest', async () => {
    const made = await plane.call('POST', 'api-keys', { name: 'deploy', scopes: ['projects:read'], mode: 'test' })
    expect(made.status).toBe(201)
    const { key, prefix, id } = made.body.data
    expect(key).toMatch(/^msk_test_[A-Za-z0-9_-]{43}$/)
    expect(prefix).toBe(key.slice(0, 12))
    expect(made.body.data).toMatchObject({ name: 'deploy', scopes: ['projects:read'], expires_at: null })
    const list = await plane.call('GET', 'api-keys?limit=100')
    expect(list.body.data.map((row: { id: string }) => row.id)).toContain(id)
    expect(list.text).not.toContain(key)
    const stored = await withAdmin(plane.database.url, (client) => client.query('select to_jsonb(k)::text as row from platform.api_key k'))
    expect(JSON.stringify(stored.rows)).not.toContain(key.slice(12))
  })

  test('a revoked key stops within a second, in other processes too', async () => {
    const { id, key } = await makeKey(['projects:read'])
    for (const at of [plane, second]) expect((await at.call('GET', 'projects', undefined, { key })).status).toBe(200)
    expect((await plane.call('DELETE', `api-keys/${id}`)).status).toBe(200)
    expect((await plane.call('GET', 'projects', undefined, { key })).status).toBe(401)
    await sleep(950)
    expect((await second.call('GET', 'projects', undefined, { key })).status).toBe(401)
    expect((await plane.call('DELETE', `api-keys/${id}`)).status).toBe(404)
  })

  test('an expired key stops', async () => {
    const { key } = await makeKey(['projects:read'], { expires_at: new Date(Date.now() + 3_600_000).toISOString() })
    expect((await second.call('GET', 'projects', undefined, { key })).status).toBe(200)
    await second.advance(3_601)
    expect((await second.call('GET', 'projects', undefined, { key })).status).toBe(401)
  })

  test('a key cannot grant what it does not have', async () => {
    const { key } = await makeKey(['keys:write', 'projects:read'])
    expect((await plane.call('POST', 'api-keys', { name: 'more', scopes: ['projects:write'] }, { key })).body.error.code).toBe(
      'insufficient_scope',
    )
    expect((await plane.call('POST', 'api-keys', { name: 'same', scopes: ['projects:read'] }, { key })).status).toBe(201)
  })

  test('a key cannot revoke one that may do more, nor the one it was made with', async () => {
    const little = await makeKey(['keys:write', 'projects:read'])
    const same = await makeKey(['projects:read'])
    const other = await makeKey(['projects:read', 'projects:write'])
    const all = (await plane.call('GET', 'api-keys?limit=100')).body.data as { id: string; scopes: string[] }[]
    for (const { id, scopes } of all) {
      if (scopes.every((scope) => ['keys:write', 'projects:read'].includes(scope))) continue
      expect((await plane.call('DELETE', `api-keys/${id}`, undefined, { key: little.key })).body.error.code).toBe('insufficient_scope')
    }
    expect((await plane.call('GET', 'projects', undefined, { key: other.key })).status).toBe(200)
    expect((await plane.call('DELETE', `api-keys/${same.id}`, undefined, { key: little.key })).status).toBe(200)
  })

  test('a key can revoke itself', async () => {
    const { id, key } = await makeKey(['keys:write'])
    expect((await plane.call('DELETE', `api-keys/${id}`, undefined, { key })).status).toBe(200)
    expect((await plane.call('GET', 'api-keys', undefined, { key })).status).toBe(401)
  })

  test('last_used_at is kept, at most once a minute', async () => {
    const { id, key } = await makeKey(['projects:read'])
    const lastUsed = async () => {
      const list = await plane.call('GET', 'api-keys?limit=100')
      return list.body.data.find((row: { id: string }) => row.id === id).last_used_at
    }
    await plane.call('GET', 'projects', undefined, { key })
    await expect.poll(lastUsed).not.toBeNull()
    const first = await lastUsed()
    await plane.call('GET', 'projects', undefined, { key })
    await sleep(100)
    expect(await lastUsed()).toBe(first)
  })

  test.each([
    [{ scopes: ['projects:read'] }, 'name'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['root'] }, 'scopes'],
    [{ name: 'x', scopes: 'projects:read' }, 'scopes'],
    [{ name: 'x', scopes: ['projects:read'], expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', scopes: ['projects:read'], expires_at: 'tomorrow' }, 'expires_at'],
  ])('%j is refused', async (body, field) => {
    const answer = await plane.call('POST', 'api-keys', body)
    expect([answer.status, answer.body.error.details?.[0]?.field]).toEqual([422, field])
  })
})

describe('another tenant', () => {
  test('gets 404 for every route of a project, and sees nothing of it in lists', async () => {
    const stranger = await makeTenant(plane)
    const projectId = await makeProject(plane, { enable: true })
    const user = await plane.call('POST', `projects/${projectId}/users`, { email: 'ada@example.com' })
    const instance = await plane.call('POST', `projects/${projectId}/instances`, {})
    const domain = await plane.call('POST', `projects/${projectId}/domains`, { hostname: 'auth.bakery.example' })
    const ids: Record<string, string> = {
      projectId,
      userId: user.body.data.id,
      instanceId: instance.body.data.id,
      domainId: domain.body.data.id,
      sessionId: randomUUID(),
      name: 'X',
    }
    for (const route of listRoutes(plane.plane.app)) {
      if (!route.path.includes(':projectId')) continue
      const path = route.path.replace(/:(\w+)/g, (_all, name: string) => ids[name]!)
      const answer = await plane.call(route.method, path, route.method === 'GET' ? undefined : {}, { key: stranger })
      expect([`${route.method} ${route.path}`, answer.status, answer.body.error?.code]).toEqual([
        `${route.method} ${route.path}`,
        404,
        'not_found',
      ])
    }
    expect((await plane.call('GET', 'projects', undefined, { key: stranger })).body).toMatchObject({ data: [], page: { total: 0 } })
    expect(
      (await plane.call('GET', `project-auth/status?resource_type=project&resource_id=${projectId}`, undefined, { key: stranger })).status,
    ).toBe(404)
    const keys = await plane.call('GET', 'api-keys', undefined, { key: stranger })
    expect(keys.body.page.total).toBe(1)
    const audit = await plane.call('GET', 'audit-log', undefined, { key: stranger })
    expect(audit.body.data.map((row: { action: string }) => row.action)).toEqual(['tenant.created'])
    expect((await plane.call('GET', `projects/${projectId}`)).body.data.archived_at).toBeNull()
  })

  test('cannot revoke our keys', async () => {
    const stranger = await makeTenant(plane)
    const { id, key } = await makeKey(['projects:read'])
    expect((await plane.call('DELETE', `api-keys/${id}`, undefined, { key: stranger })).status).toBe(404)
    expect((await plane.call('GET', 'projects', undefined, { key })).status).toBe(200)
  })

  test('a child of one project is not found under another of the same tenant', async () => {
    const a = await makeProject(plane, { enable: true })
    const b = await makeProject(plane, { enable: true })
    const user = await plane.call('POST', `projects/${a}/users`, { email: 'ada@example.com' })
    const instance = await plane.call('POST', `projects/${a}/instances`, {})
    for (const path of [`users/${user.body.data.id}`, `users/${user.body.data.id}/sessions`])
      expect((await plane.call('GET', `projects/${b}/${path}`)).status).toBe(404)
    expect((await plane.call('POST', `projects/${b}/instances/${instance.body.data.id}/heartbeat`)).status).toBe(404)
    expect((await plane.call('DELETE', `projects/${b}/users/${user.body.data.id}`)).status).toBe(404)
    expect((await plane.call('GET', `projects/${a}/users/${user.body.data.id}`)).status).toBe(200)
  })
})

describe('tenants', () => {
  test('three first starts at once make one tenant and one key', async () => {
    const first = await startControlPlane({ config: { bootstrapApiKey: null } })
    try {
      const key = `msk_live_${randomBytes(32).toString('base64url')}`
      const outcomes = await Promise.all([1, 2, 3].map(() => first.plane.useCases.bootstrap.execute(key)))
      expect(outcomes.toSorted()).toEqual(['created', 'existing', 'existing'])
      const tenants = await first.call('GET', 'tenants', undefined, { key })
      expect(tenants.body.data.map((row: { slug: string }) => row.slug)).toEqual(['default'])
      expect((await first.call('GET', 'api-keys', undefined, { key })).body.page.total).toBe(1)
      expect(await first.plane.useCases.bootstrap.execute(`msk_live_${'x'.repeat(43)}`)).toBe('existing')
    } finally {
      await first.stop()
    }
  })

  test('only the operator makes tenants; a new one starts empty with a key of its own', async () => {
    const made = await plane.call('POST', 'tenants', { name: 'Acme', slug: 'acme' })
    expect(made.status).toBe(201)
    const { key, scopes } = made.body.data.api_key
    expect(scopes).not.toContain('tenants:write')
    expect((await plane.call('GET', 'projects', undefined, { key })).body.page.total).toBe(0)
    expect((await plane.call('POST', 'tenants', { name: 'Next' }, { key })).body.error.code).toBe('insufficient_scope')
    expect((await plane.call('POST', 'tenants', { name: 'Acme', slug: 'acme' })).body.error.code).toBe('conflict')
  })
})
