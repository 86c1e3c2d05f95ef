import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

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

const env = async (id: string, at = plane) => (await at.call('GET', `projects/${id}/runtime-env`)).body.data.env as Record<string, string>
const auditOf = async (id: string): Promise<string[]> =>
  (await plane.call('GET', `projects/${id}/audit-log?limit=100`)).body.data.map((row: { action: string }) => row.action)

describe('enabling', () => {
  test('20 at once make one key ring, one 201 and one audit row', async () => {
    const id = await makeProject(plane)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_x, i) => (i % 2 ? plane : second).call('POST', `projects/${id}/auth`, {})),
    )
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([...Array<number>(19).fill(200), 201])
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body.data.keys))).size).toBe(1)
    expect(answers[0]!.body.data.keys).toHaveLength(2)
    expect(await auditOf(id)).toEqual(['auth.enabled'])
  })

  test('before the first enable the service reads as off, and cannot be changed or rotated', async () => {
    const id = await makeProject(plane)
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data).toMatchObject({
      project_id: id,
      enabled: false,
      auth_url: null,
      keys: [],
      settings: { providers: ['email'] },
    })
    for (const [method, path] of [['PATCH', 'auth'], ['POST', 'auth/secret/rotate'], ['GET', 'auth/secret/rotation']] as const) {
      const answer = await plane.call(method, `projects/${id}/${path}`, method === 'GET' ? undefined : {})
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 404, 'auth_not_enabled'])
    }
    expect((await plane.call('DELETE', `projects/${id}/auth`)).body.data.enabled).toBe(false)
  })

  test('secrets are sealed at rest and in no answer but the environment', async () => {
    const id = await makeProject(plane, { enable: true })
    const { AUTH_JWT_SECRET: secret } = await env(id)
    const { rows } = await withAdmin(plane.database.url, (client) =>
      client.query('select encode(sealed, $1) as text from auth.signing_key', ['escape']),
    )
    expect(JSON.stringify(rows)).not.toContain(secret)
    for (const path of ['auth', 'variables', 'instances', 'audit-log', 'auth/secret/rotation', '']) {
      expect((await plane.call('GET', `projects/${id}/${path}`.replace(/\/$/, ''))).text).not.toContain(secret)
    }
  })
})

describe('settings', () => {
  test('synonyms are read, canonical names are stored and answered, null restores', async () => {
    const id = await makeProject(plane, {
      enable: { signup_enabled: false, provider: 'email', email_confirm_required: true, token_expiry_sec: 900 },
    })
    const read = await plane.call('GET', `projects/${id}/auth`)
    expect(read.body.data.settings).toMatchObject({
      allow_signups: false,
      providers: ['email'],
      require_email_confirmation: true,
      access_token_ttl_seconds: 900,
    })
    expect(read.text).not.toMatch(/signup_enabled|token_expiry_sec/)
    const changed = await plane.call('PATCH', `projects/${id}/auth`, {
      allowSignups: null,
      limits: { login_account: { points: 3, window_seconds: 60 } },
    })
    expect(changed.body.data.settings).toMatchObject({
      allow_signups: true,
      access_token_ttl_seconds: 900,
      limits: { login_account: { points: 3, window_seconds: 60 }, signup_client: { points: 20 } },
    })
    expect(changed.body.data.env_version).toBe(read.body.data.env_version)
  })

  test.each<[Record<string, unknown>, string]>([
    [{ allow_signups: true, signup_enabled: false }, 'conflicting_settings'],
    [{ allow_signups: 'yes' }, 'validation_error'],
    [{ colour: 'blue' }, 'validation_error'],
    [{ access_token_ttl_seconds: 59 }, 'validation_error'],
    [{ providers: ['carrier-pigeon'] }, 'validation_error'],
    [{ site_url: 'javascript:alert(1)' }, 'validation_error'],
    [{ allowed_origins: ['https://x.example/path'] }, 'validation_error'],
    [{ token_algorithm: 'none' }, 'validation_error'],
  ])('%j is refused and changes nothing', async (body, code) => {
    const id = await makeProject(plane, { enable: true })
    const before = await plane.call('GET', `projects/${id}/auth`)
    for (const method of ['POST', 'PATCH']) {
      const answer = await plane.call(method, `projects/${id}/auth`, body)
      expect([method, answer.status, answer.body.error.code]).toEqual([method, 422, code])
    }
    expect((await plane.call('GET', `projects/${id}/auth`)).body).toEqual(before.body)
  })

  test('a change is seen by another process at once, and audited once without values', async () => {
    const id = await makeProject(plane, { enable: true })
    await second.call('GET', `projects/${id}/auth`)
    await plane.call('PATCH', `projects/${id}/auth`, { site_url: 'https://bakery.example' })
    expect((await second.call('GET', `projects/${id}/auth`)).body.data.settings.site_url).toBe('https://bakery.example')
    await plane.call('PATCH', `projects/${id}/auth`, { site_url: 'https://bakery.example' })
    const log = await plane.call('GET', `projects/${id}/audit-log?action=auth.settings_changed`)
    expect(log.body.data).toHaveLength(1)
    expect(log.body.data[0].metadata).toEqual({ settings: ['site_url'] })
    expect(log.text).not.toContain('bakery.example')
  })
})

describe('staged rotation', () => {
  const rotate = (id: string, body: Record<string, unknown> = {}, at = plane) => at.call('POST', `projects/${id}/auth/secret/rotate`, body)
  const plan = async (id: string) => (await plane.call('GET', `projects/${id}/auth/secret/rotation`)).body.data.rotation

  test('with no instance running it switches at once: the former standby signs, the former current still verifies', async () => {
    const id = await makeProject(plane, { enable: true })
    const before = await env(id)
    const rotated = await rotate(id)
    expect(rotated.status).toBe(200)
    expect(rotated.body.data.rotation).toMatchObject({ mode: 'staged', state: 'done', switches_at: null, waiting_for: [] })
    const after = await env(id)
    expect(after['AUTH_JWT_SECRET']).toBe(before['AUTH_JWT_SECRET_NEXT'])
    expect(after['AUTH_JWT_SECRET_PREVIOUS']).toBe(before['AUTH_JWT_SECRET'])
    expect(Object.values(before)).not.toContain(after['AUTH_JWT_SECRET_NEXT'])
    expect(await plan(id)).toBeNull()
    expect(await auditOf(id)).toEqual(expect.arrayContaining(['auth.rotation_started', 'auth.key_rotated']))
  })

  test('it waits for running instances by name, until each has ended', async () => {
    const id = await makeProject(plane, { enable: true })
    const early = (await plane.call('POST', `projects/${id}/instances`, { name: 'web-1' })).body.data
    const other = (await plane.call('POST', `projects/${id}/instances`, { name: 'web-2' })).body.data
    const rotated = await rotate(id)
    expect(rotated.body.data.rotation).toMatchObject({
      state: 'waiting',
      waiting_for: [
        { id: early.id, name: 'web-1' },
        { id: other.id, name: 'web-2' },
      ],
    })
    expect(Date.parse(rotated.body.data.rotation.switches_at) - Date.parse(rotated.body.data.rotation.started_at)).toBe(86_400_000)

    const late = (
      await plane.call('POST', `projects/${id}/instances`, { name: 'web-3', reads: ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT'] })
    ).body.data
    expect(late.env).toEqual(early.env)
    expect((await plan(id)).waiting_for).toHaveLength(2)
    const current = (await plane.call('GET', `projects/${id}/auth`)).body.data.keys.find(
      (key: { state: string }) => key.state === 'current',
    )
    expect(current.kid).toBe(rotated.body.data.rotation.from_kid)
    expect((await rotate(id)).body.error.code).toBe('rotation_in_progress')

    await plane.call('DELETE', `projects/${id}/instances/${early.id}`)
    expect((await plan(id)).waiting_for.map((instance: { name: string }) => instance.name)).toEqual(['web-2'])
    await plane.call('DELETE', `projects/${id}/instances/${other.id}`)
    expect(await plan(id)).toBeNull()
    const after = await env(id)
    expect([after['AUTH_JWT_SECRET'], after['AUTH_JWT_SECRET_PREVIOUS']]).toEqual([late.env.AUTH_JWT_SECRET_NEXT, late.env.AUTH_JWT_SECRET])
    expect((await auditOf(id)).filter((action) => action === 'auth.key_rotated')).toHaveLength(1)
  })

  test('ten at once start one rotation', async () => {
    const id = await makeProject(plane, { enable: true })
    await plane.call('POST', `projects/${id}/instances`, {})
    const answers = await Promise.all(Array.from({ length: 10 }, (_x, i) => rotate(id, {}, i % 2 ? plane : second)))
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, ...Array<number>(9).fill(409)])
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data.keys).toHaveLength(3)
  })

  test('it can be cancelled: the keys are as before', async () => {
    const id = await makeProject(plane, { enable: true })
    const before = await env(id)
    await plane.call('POST', `projects/${id}/instances`, {})
    await rotate(id)
    expect((await plane.call('DELETE', `projects/${id}/auth/secret/rotation`)).body.data).toEqual({ rotation: null })
    expect(await env(id)).toEqual(before)
    expect((await plane.call('DELETE', `projects/${id}/auth/secret/rotation`)).status).toBe(404)
    expect(await auditOf(id)).toContain('auth.rotation_cancelled')
  })

  test('immediate retires every secret at once, also in the middle of a staged one, and says who breaks', async () => {
    const id = await makeProject(plane, { enable: true })
    const instance = (await plane.call('POST', `projects/${id}/instances`, { name: 'web' })).body.data
    await rotate(id)
    const known = await env(id)
    const rotated = await rotate(id, { mode: 'immediate' })
    expect(rotated.body.data.rotation).toMatchObject({ mode: 'immediate', state: 'done', will_break: [{ id: instance.id, name: 'web' }] })
    const after = await env(id)
    expect(Object.keys(after).toSorted()).toEqual(['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_URL'])
    for (const secret of [after['AUTH_JWT_SECRET'], after['AUTH_JWT_SECRET_NEXT']])
      expect([...Object.values(known), ...Object.values(instance.env)]).not.toContain(secret)
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data.keys).toHaveLength(2)
    expect(await plan(id)).toBeNull()
  })

  test('a change to ES256 is staged too; the environment has the key set address beside the secret that signs, and then no secret', async () => {
    const id = await makeProject(plane, { enable: true })
    const instance = (await plane.call('POST', `projects/${id}/instances`, {})).body.data
    const changed = await plane.call('PATCH', `projects/${id}/auth`, { token_algorithm: 'ES256' })
    expect(changed.body.data.settings.token_algorithm).toBe('ES256')
    expect(changed.body.data.keys.map((key: { alg: string; state: string }) => `${key.alg} ${key.state}`).toSorted()).toEqual([
      'ES256 standby',
      'ES256 standby',
      'HS256 current',
      'HS256 standby',
    ])
    expect(await plan(id)).toMatchObject({ state: 'waiting', waiting_for: [{ id: instance.id }] })
    const staged = await env(id)
    const keySet = { AUTH_URL: instance.env.AUTH_URL, AUTH_JWKS_URL: `${instance.env.AUTH_URL}/.well-known/jwks.json` }
    expect(staged).toEqual({ ...keySet, AUTH_JWT_SECRET: instance.env.AUTH_JWT_SECRET })
    await plane.call('DELETE', `projects/${id}/instances/${instance.id}`)
    expect(await env(id)).toEqual({ ...keySet, AUTH_JWT_SECRET_PREVIOUS: instance.env.AUTH_JWT_SECRET })
    const keys = (await plane.call('GET', `projects/${id}/auth`)).body.data.keys
    expect(keys.map((key: { alg: string; state: string }) => `${key.alg} ${key.state}`).toSorted()).toEqual([
      'ES256 current',
      'ES256 standby',
      'HS256 retired',
    ])
  })

  test('cancelling a change of algorithm brings the setting back', async () => {
    const id = await makeProject(plane, { enable: true })
    const before = await env(id)
    await plane.call('POST', `projects/${id}/instances`, {})
    await plane.call('PATCH', `projects/${id}/auth`, { token_algorithm: 'ES256' })
    expect((await plane.call('PATCH', `projects/${id}/auth`, { token_algorithm: 'HS256' })).body.error.code).toBe('rotation_in_progress')
    await plane.call('DELETE', `projects/${id}/auth/secret/rotation`)
    expect((await plane.call('GET', `projects/${id}/auth`)).body.data.settings.token_algorithm).toBe('HS256')
    expect(await env(id)).toEqual(before)
  })

  test('a project can begin with ES256', async () => {
    const id = await makeProject(plane, { enable: { token_algorithm: 'ES256' } })
    expect(Object.keys(await env(id)).toSorted()).toEqual(['AUTH_JWKS_URL', 'AUTH_URL'])
    expect((await rotate(id)).body.data.rotation.state).toBe('done')
  })

  test.each([{ mode: 'now' }, { deadline_seconds: 59 }, { deadline_seconds: 604_801 }, { deadline_seconds: '60' }, { extra: 1 }])(
    '%j is refused',
    async (body) => {
      const id = await makeProject(plane, { enable: true })
      expect((await rotate(id, body)).status).toBe(422)
    },
  )
})

describe('rotation and time', () => {
  test('the deadline passes, a silent instance is not waited for, and a retired key stops when its last token has expired', async () => {
    const own = await startControlPlane()
    try {
      const id = await makeProject(own, { enable: { access_token_ttl_seconds: 7_200 } })
      await own.call('PATCH', `projects/${id}/auth`, { access_token_ttl_seconds: 300 })
      const before = await env(id, own)
      const instance = (await own.call('POST', `projects/${id}/instances`, {})).body.data
      await own.call('POST', `projects/${id}/auth/secret/rotate`, { deadline_seconds: 120 })
      const read = async () => (await own.call('GET', `projects/${id}/auth/secret/rotation`)).body.data.rotation
      await own.advance(60)
      await own.call('POST', `projects/${id}/instances/${instance.id}/heartbeat`)
      expect((await read()).state).toBe('waiting')
      // Real seconds pass too.
      await own.advance(40)
      expect((await read()).state).toBe('waiting')
      await own.advance(21)
      expect((await own.call('POST', `projects/${id}/instances/${instance.id}/heartbeat`)).body.data.current).toBe(false)
      expect(await read()).toBeNull()
      expect((await env(id, own))['AUTH_JWT_SECRET']).toBe(before['AUTH_JWT_SECRET_NEXT'])

      await own.call('POST', `projects/${id}/auth/secret/rotate`)
      expect((await read()).waiting_for).toHaveLength(1)
      await own.advance(91)
      expect((await read()).state).toBe('done')

      expect(Object.values(await env(id, own))).toContain(before['AUTH_JWT_SECRET_NEXT'])
      const retired = async () =>
        (await own.call('GET', `projects/${id}/auth`)).body.data.keys.filter((key: { state: string }) => key.state === 'retired').length
      // The first key once signed tokens of two hours, the second only tokens of five minutes.
      expect(await retired()).toBe(2)
      await own.advance(400)
      expect(await retired()).toBe(1)
      await own.advance(7_200)
      expect(await retired()).toBe(0)
      expect(Object.keys(await env(id, own))).not.toContain('AUTH_JWT_SECRET_PREVIOUS')
    } finally {
      await own.stop()
    }
  })
})
