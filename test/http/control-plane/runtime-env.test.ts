import { execFileSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

const env = async (id: string) => (await plane.call('GET', `projects/${id}/runtime-env`)).body.data.env as Record<string, string>
const put = (id: string, name: string, value: unknown) => plane.call('PUT', `projects/${id}/runtime-env/${name}`, { value })

const AWKWARD: Record<string, string> = {
  PLAIN: 'abc123',
  EMPTY: '',
  SPACES: '  two  spaces ',
  SINGLE: "it's",
  DOUBLE: 'say "hi"',
  BOTH: `it's "quoted"`,
  DOLLAR: '$HOME ${HOME} `id` $(id)',
  BACKSLASH: String.raw`C:\new\table`,
  LINES: 'first\nsecond\n',
  HASH: 'a # not a comment',
  EQUALS: 'a=b=c',
  EXPORT: '; rm -rf /',
  UNICODE: 'Grüße 🥐',
  JSON_VALUE: '{"a": "b"}',
}

describe('own variables', () => {
  test('are set, listed without values, changed and deleted; each change is a new version', async () => {
    const id = await makeProject(plane)
    const first = await put(id, 'PUBLIC_NAME', 'Bakery')
    expect(first.body.data).toMatchObject({ set: ['PUBLIC_NAME'], deleted: [] })
    const second = await put(id, 'PUBLIC_NAME', 'Blue Bakery')
    expect(second.body.data.env_version).toBe(first.body.data.env_version + 1)
    expect(await env(id)).toEqual({ PUBLIC_NAME: 'Blue Bakery' })
    for (const path of ['variables', 'runtime-env/variables']) {
      const list = await plane.call('GET', `projects/${id}/${path}`)
      expect(list.body.data).toEqual([{ name: 'PUBLIC_NAME', source: 'own', updated_at: expect.any(String) }])
      expect(list.text).not.toContain('Bakery')
    }
    expect((await plane.call('DELETE', `projects/${id}/runtime-env/PUBLIC_NAME`)).body.data.deleted).toEqual(['PUBLIC_NAME'])
    expect((await plane.call('DELETE', `projects/${id}/runtime-env/PUBLIC_NAME`)).body.data.deleted).toEqual([])
    expect(await env(id)).toEqual({})
  })

  test('are sealed at rest and named, not told, in the audit log', async () => {
    const id = await makeProject(plane)
    await put(id, 'TOKEN', 'top-secret-value')
    const { rows } = await withAdmin(plane.database.url, (client) =>
      client.query(`select encode(sealed, 'escape') as text from auth.runtime_variable`),
    )
    expect(JSON.stringify(rows)).not.toContain('top-secret-value')
    const log = await plane.call('GET', `projects/${id}/audit-log`)
    expect(log.body.data[0]).toMatchObject({ action: 'runtime_env.changed', metadata: { set: ['TOKEN'], deleted: [] } })
    expect(log.text).not.toContain('top-secret-value')
  })

  test.each<[string, unknown]>([
    ['lower', 'x'],
    ['1ST', 'x'],
    ['A-B', 'x'],
    ['A'.repeat(129), 'x'],
    ['%20', 'x'],
    ['OK', 5],
    ['OK', 'x'.repeat(33_000)],
    ['OK', 'a\u0000b'],
    ['OK', undefined],
  ])('%s = %j is refused', async (name, value) => {
    const id = await makeProject(plane)
    expect((await put(id, name, value)).status).toBe(422)
  })

  test('several are set and deleted in one step, or not at all', async () => {
    const id = await makeProject(plane)
    await put(id, 'OLD', '1')
    expect((await plane.call('PUT', `projects/${id}/runtime-env`, { variables: { A: '1', 'b c': '2' } })).status).toBe(422)
    expect(await env(id)).toEqual({ OLD: '1' })
    await plane.call('PUT', `projects/${id}/runtime-env`, { variables: { A: '1', B: '2', OLD: null } })
    expect(await env(id)).toEqual({ A: '1', B: '2' })
  })
})

describe('bring your own auth', () => {
  const OWN = { AUTH_URL: 'https://login.bakery.example', AUTH_JWT_SECRET: 'own-secret' }

  test('the own pair wins and no managed auth variable is left', async () => {
    const id = await makeProject(plane, { enable: true })
    expect((await plane.call('PUT', `projects/${id}/runtime-env`, { variables: OWN })).status).toBe(200)
    expect(await env(id)).toEqual(OWN)
    expect((await plane.call('POST', `projects/${id}/instances`, {})).body.data.env).toEqual(OWN)
    const list = await plane.call('GET', `projects/${id}/variables`)
    expect(list.body.data.map((row: { name: string; source: string }) => `${row.name} ${row.source}`)).toEqual([
      'AUTH_JWT_SECRET own',
      'AUTH_URL own',
    ])
    expect((await put(id, 'AUTH_JWT_SECRET', 'changed')).status).toBe(200)
    await plane.call('PUT', `projects/${id}/runtime-env`, { variables: { AUTH_URL: null, AUTH_JWT_SECRET: null } })
    expect(Object.keys(await env(id))).toEqual(['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_URL'])
  })

  test('half a pair is refused while managed auth is on', async () => {
    const id = await makeProject(plane, { enable: true })
    for (const [name, value] of Object.entries(OWN)) {
      const answer = await put(id, name, value)
      expect([answer.status, answer.body.error.code]).toEqual([422, 'mixed_auth_pair'])
    }
    await plane.call('PUT', `projects/${id}/runtime-env`, { variables: OWN })
    expect((await plane.call('DELETE', `projects/${id}/runtime-env/AUTH_URL`)).body.error.code).toBe('mixed_auth_pair')
    expect(await env(id)).toEqual(OWN)
  })

  test('half a pair is fine while managed auth is off, but then it cannot be turned on', async () => {
    const id = await makeProject(plane)
    expect((await put(id, 'AUTH_URL', OWN.AUTH_URL)).status).toBe(200)
    const refused = await plane.call('POST', `projects/${id}/auth`, {})
    expect([refused.status, refused.body.error.code]).toEqual([422, 'mixed_auth_pair'])
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data.enabled).toBe(false)
    await put(id, 'AUTH_JWT_SECRET', OWN.AUTH_JWT_SECRET)
    expect((await plane.call('POST', `projects/${id}/auth`, {})).status).toBe(201)
    expect(await env(id)).toEqual(OWN)
  })

  test('a race of one half and enabling never ends mixed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await makeProject(plane)
      const [half, enabled] = await Promise.all([put(id, 'AUTH_URL', OWN.AUTH_URL), plane.call('POST', `projects/${id}/auth`, {})])
      expect([half.status, enabled.status].toSorted()).not.toEqual([200, 201])
    }
  })

  test('other own variables stand beside the managed ones', async () => {
    const id = await makeProject(plane, { enable: true })
    await put(id, 'STRIPE_KEY', 'sk')
    expect(Object.keys(await env(id))).toEqual(['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_URL', 'STRIPE_KEY'])
    await plane.call('DELETE', `projects/${id}/auth`)
    expect(await env(id)).toEqual({ STRIPE_KEY: 'sk' })
  })
})

describe('formats', () => {
  let id: string
  beforeAll(async () => {
    id = await makeProject(plane)
    await plane.call('PUT', `projects/${id}/runtime-env`, { variables: AWKWARD })
  })
  const text = async (format: string) => {
    const answer = await plane.call('GET', `projects/${id}/runtime-env?format=${format}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    return answer
  }

  test('json is exact', async () => {
    expect((await text('json')).body.data.env).toEqual(AWKWARD)
  })

  test('dotenv is read back by Node', async () => {
    const answer = await text('dotenv')
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(parseEnv(answer.text)).toEqual(AWKWARD)
  })

  test('shell is read back by a shell, and runs nothing', async () => {
    const { text: script } = await text('shell')
    const printed = execFileSync('/bin/sh', ['-c', `${script}\nenv -0`], { encoding: 'utf8', env: { PATH: process.env['PATH'] } })
    const read = Object.fromEntries(
      printed
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(read).toMatchObject(AWKWARD)
  })

  test('k8s-secret is valid YAML with base64 values', async () => {
    const secret = parse((await text('k8s-secret')).text) as { kind: string; metadata: { name: string }; data: Record<string, string> }
    expect(secret.kind).toBe('Secret')
    expect(secret.metadata.name).toMatch(/^[a-z0-9-]{1,63}$/)
    expect(Object.fromEntries(Object.entries(secret.data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]))).toEqual(
      AWKWARD,
    )
  })

  test('another format is refused', async () => {
    expect((await plane.call('GET', `projects/${id}/runtime-env?format=xml`)).status).toBe(422)
  })

  test('each reading is audited', async () => {
    const fresh = await makeProject(plane)
    await plane.call('GET', `projects/${fresh}/runtime-env`)
    await plane.call('GET', `projects/${fresh}/runtime-env?format=shell`)
    expect((await plane.call('GET', `projects/${fresh}/audit-log?action=runtime_env.read`)).body.data).toHaveLength(2)
  })
})
