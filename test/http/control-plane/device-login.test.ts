import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, testConsole, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

// Mode `open`: whoever sits at this machine is owner, so that a request without a key is a person's.
let plane: TestControlPlane
let owner: Connection
beforeAll(async () => {
  plane = await startControlPlane({ config: { console: testConsole({ access: 'open' }) } })
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const begin = async (name = 'portico on laptop') =>
  (await plane.call('POST', 'device/code', { client_name: name }, { key: null })).body.data
const poll = (deviceCode: string) => plane.call('POST', 'device/token', { device_code: deviceCode }, { key: null })
const PAGE = { key: null, headers: { origin: 'https://control.example.test' } }
const decide = (userCode: string, decision?: string) =>
  plane.call('POST', 'device/approve', { user_code: userCode, ...(decision && { decision }) }, PAGE)
const code = async (deviceCode: string) => (await poll(deviceCode)).body.error.code as string

describe('a program is let in', () => {
  test('with a key of its own that may do what the person may, once', async () => {
    const started = await begin('portico on workbench')
    expect(started).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: 'https://control.example.test/console/device',
      verification_uri_complete: `https://control.example.test/console/device?user_code=${started.user_code}`,
      expires_in: 600,
      interval: 5,
    })
    expect(await code(started.device_code)).toBe('authorization_pending')
    const asks = await plane.call('GET', `device/requests/${started.user_code.toLowerCase().replace('-', '')}`, undefined, { key: null })
    expect(asks.body.data).toMatchObject({
      client_name: 'portico on workbench',
      state: 'pending',
      ip: '127.0.0.1',
      device: { browser: 'node' },
    })
    expect((await decide(started.user_code.toLowerCase())).body.data.state).toBe('approved')
    await plane.advance(6)
    const granted = await poll(started.device_code)
    expect(granted.status).toBe(200)
    const { key, name, scopes, expires_at: expiresAt } = granted.body.data
    expect([name, scopes]).toEqual(['portico on workbench', expect.arrayContaining(['projects:read', 'users:write', 'keys:write'])])
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(89 * 86_400_000)
    const project = await makeProject(plane, { key })
    expect((await plane.call('GET', `projects/${project}`, undefined, { key })).status).toBe(200)
    const audit = await plane.call('GET', 'audit-log?action=api_key.created')
    expect(audit.body.data[0]).toMatchObject({ actor_type: 'platform_user', resource_id: granted.body.data.id })
    await plane.advance(6)
    expect(await code(started.device_code)).toBe('expired_token')
    await plane.call('DELETE', `api-keys/${granted.body.data.id}`)
    await plane.advance(2)
    expect((await plane.call('GET', 'projects', undefined, { key })).status).toBe(401)
  })

  test('one of twenty that ask at once gets the key', async () => {
    const started = await begin()
    await decide(started.user_code)
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(started.device_code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('no secret waits in the database', async () => {
    const started = await begin()
    await decide(started.user_code)
    const rows = await owner.query<{ text: string }>('select d::text as text from platform.device_login d')
    expect(JSON.stringify(rows)).not.toContain(started.device_code)
    expect(JSON.stringify(rows)).not.toContain('msk_')
  })
})

test('a visitor of mode `token` is nobody yet, and lets no program in; with the token typed they do', async () => {
  const token = 'a-token-of-the-environment-with-40-chars'
  const beside = await startControlPlane({ beside: plane, config: { console: testConsole({ access: 'token', token }) } })
  try {
    const started = await begin()
    const approve = () => beside.call('POST', 'device/approve', { user_code: started.user_code }, PAGE)
    const refused = await approve()
    expect([refused.status, refused.body.error.code]).toEqual([403, 'forbidden'])
    expect((await beside.call('GET', `device/requests/${started.user_code}`, undefined, { key: null })).status).toBe(403)
    expect(await code(started.device_code)).toBe('authorization_pending')
    const typed = await beside.call('POST', 'console/token', { token }, PAGE)
    const cookie = typed.headers.get('set-cookie')!.split(';')[0]!
    const headers = { ...PAGE.headers, cookie }
    const answer = await beside.call('POST', 'device/approve', { user_code: started.user_code }, { key: null, headers })
    expect(answer.body.data.state).toBe('approved')
  } finally {
    await beside.stop()
  }
})

describe('the key of a machine may no more than its owner may', () => {
  test('it shrinks with their role, and is none once they have left, though they come again', async () => {
    const started = await begin()
    await decide(started.user_code)
    const { key, id } = (await poll(started.device_code)).body.data
    const status = async (method: string, path: string, body?: unknown) => (await plane.call(method, path, body, { key })).status
    expect(await status('POST', 'projects', { name: 'Owned' })).toBe(201)
    const userId = randomUUID()
    const [{ tenant_id: tenant }] = (await owner.query('update platform.api_key set user_id = $1 where id = $2 returning tenant_id', [
      userId,
      id.replace('key_', ''),
    ])) as [{ tenant_id: string }]
    const become = (role: string) =>
      owner.query(
        `insert into platform.member (tenant_id, user_id, role, break_glass, source, created_at, updated_at)
          values ($1, $2, $3, false, 'team', now(), now()) on conflict (tenant_id, user_id) do update set role = excluded.role`,
        [tenant, userId, role],
      )
    await become('viewer')
    await expect.poll(() => status('POST', 'projects', { name: 'Not' }), { timeout: 3000 }).toBe(403)
    expect(await status('GET', 'projects')).toBe(200)
    await become('editor')
    await expect.poll(() => status('POST', 'projects', { name: 'Again' }), { timeout: 3000 }).toBe(201)
    expect((await plane.call('DELETE', `members/${userId}`)).status).toBe(200)
    expect(await status('GET', 'projects')).toBe(401)
    await become('owner')
    await expect.poll(() => status('GET', 'projects'), { timeout: 1500, interval: 300 }).toBe(401)
  })
})

describe('it is not', () => {
  test('when the person says no, or nobody says anything for ten minutes', async () => {
    const refused = await begin()
    expect((await decide(refused.user_code, 'deny')).body.data.state).toBe('denied')
    expect(await code(refused.device_code)).toBe('access_denied')
    const late = await begin()
    await plane.advance(601)
    expect(await code(late.device_code)).toBe('expired_token')
    expect((await decide(late.user_code)).status).toBe(404)
    expect(await code('made up')).toBe('expired_token')
  })

  test('by deciding twice, and a decision cannot be turned round', async () => {
    const started = await begin()
    const decisions = await Promise.all([decide(started.user_code, 'deny'), decide(started.user_code), decide(started.user_code)])
    expect(decisions.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await decide(started.user_code)).status).toBe(404)
  })

  test('by a key, whatever it may do: not of this tenant, not of another', async () => {
    const started = await begin()
    for (const key of [plane.key, await makeTenant(plane)]) {
      expect((await plane.call('POST', 'device/approve', { user_code: started.user_code }, { key })).body.error.code).toBe('forbidden')
      expect((await plane.call('GET', `device/requests/${started.user_code}`, undefined, { key })).body.error.code).toBe('forbidden')
    }
    expect(await code(started.device_code)).toBe('authorization_pending')
  })

  test('by a page elsewhere that makes the browser of the person approve', async () => {
    const started = await begin()
    const forged = await plane.call(
      'POST',
      'device/approve',
      { user_code: started.user_code },
      { key: null, headers: { origin: 'https://evil.example' } },
    )
    expect(forged.status).toBe(403)
    expect(await code(started.device_code)).toBe('authorization_pending')
  })

  test('sooner by asking more often: each time it takes longer', async () => {
    const started = await begin()
    expect(await code(started.device_code)).toBe('authorization_pending')
    expect(await code(started.device_code)).toBe('slow_down')
    await decide(started.user_code)
    await plane.advance(6)
    expect(await code(started.device_code)).toBe('slow_down')
    await plane.advance(30)
    expect((await poll(started.device_code)).status).toBe(200)
  })

  test.each([{}, { client_name: '' }, { client_name: 'x'.repeat(101) }, { client_name: 'a\nb' }, { client_name: 'x', scope: 'all' }])(
    'with %j',
    async (body) => expect((await plane.call('POST', 'device/code', body, { key: null })).status).toBe(422),
  )
})

test('guessing codes ends in 429', async () => {
  const statuses = new Set<number>()
  for (let n = 0; n < 25; n++)
    statuses.add((await plane.call('GET', `device/requests/BCDF-GHJ${'BCDFG'[n % 5]}`, undefined, { key: null })).status)
  expect([...statuses].toSorted()).toEqual([404, 429])
})
