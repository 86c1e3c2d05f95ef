import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let id: string
beforeAll(async () => {
  plane = await startControlPlane()
  id = await makeProject(plane, { enable: true, name: 'Blue Bakery' })
})
afterAll(() => plane?.stop())

const PASSWORD = 'walnut bread tuesday'
const create = (body: Record<string, unknown>, at = id) => plane.call('POST', `projects/${at}/users`, body)
const sql = async (text: string, values: unknown[] = []) =>
  (await withAdmin(plane.database.url, (client) => client.query(text, values))).rows
const bare = () => id.slice(5)

async function startSession(userId: string): Promise<string> {
  const session = randomUUID()
  await sql(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, ip, user_agent, amr)
      values ($1, $2, $3, $4, $4, $4, '203.0.113.9', 'test', '{pwd}')`,
    [bare(), session, userId, new Date()],
  )
  return session
}
const liveSessions = async (userId: string) =>
  (await plane.call('GET', `projects/${id}/users/${userId}/sessions`)).body.data as { id: string }[]

describe('creating', () => {
  test('the user comes back without any password, and the id is a plain UUID', async () => {
    const made = await create({ email: ' Ada@Example.COM ', password: PASSWORD, email_verified: true, metadata: { plan: 'pro' } })
    expect(made.status).toBe(201)
    expect(made.body.data).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'ada@example.com',
      email_verified: true,
      metadata: { plan: 'pro' },
      app_metadata: {},
      disabled: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      last_sign_in_at: null,
    })
    expect((await plane.call('GET', `projects/${id}/users/${made.body.data.id}`)).body.data).toEqual({
      ...made.body.data,
      identities: [],
      factors: [],
    })
    const [row] = await sql('select password_hash from auth.end_user where id = $1', [made.body.data.id])
    expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('an address is taken once per project', async () => {
    await create({ email: 'taken@example.com' })
    const again = await create({ email: 'TAKEN@example.com' })
    expect([again.status, again.body.error.code]).toEqual([422, 'email_taken'])
    const other = await makeProject(plane, { enable: true })
    expect((await create({ email: 'taken@example.com' }, other)).status).toBe(201)
  })

  test('ten at once make one user', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create({ email: 'race@example.com' })))
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([201, ...Array<number>(9).fill(422)])
  })

  test('a project without auth has no users to make', async () => {
    const bareProject = await makeProject(plane)
    expect((await create({ email: 'x@example.com' }, bareProject)).body.error.code).toBe('auth_not_enabled')
    expect((await plane.call('GET', `projects/${bareProject}/users`)).body.data).toEqual([])
  })

  test.each<[Record<string, unknown>, string]>([
    [{}, 'validation_error'],
    [{ email: 'nobody' }, 'validation_error'],
    [{ email: 5 }, 'validation_error'],
    [{ email: 'a@example.com', password: 'short' }, 'weak_password'],
    [{ email: 'a@example.com', password: 'password1' }, 'weak_password'],
    [{ email: 'a@example.com', password: 'blue bakery' }, 'weak_password'],
    [{ email: 'a@example.com', password: null }, 'validation_error'],
    [{ email: 'a@example.com', metadata: [] }, 'validation_error'],
    [{ email: 'a@example.com', disabled: true }, 'validation_error'],
    [{ email: 'a@example.com', id: randomUUID() }, 'validation_error'],
  ])('%j is refused', async (body, code) => {
    const answer = await create(body)
    expect([answer.status, answer.body.error.code]).toEqual([422, code])
  })
})

describe('listing', () => {
  test('search finds by part of the address, wildcards are letters, pages do not overlap', async () => {
    const own = await makeProject(plane, { enable: true })
    for (const email of ['ada@one.example', 'bob@one.example', 'a_a@two.example', 'eve@two.example']) await create({ email }, own)
    const emails = async (query: string) =>
      (await plane.call('GET', `projects/${own}/users?${query}`)).body.data.map((user: { email: string }) => user.email)
    expect(await emails('')).toEqual(['eve@two.example', 'a_a@two.example', 'bob@one.example', 'ada@one.example'])
    expect(await emails('q=ONE.ex')).toEqual(['bob@one.example', 'ada@one.example'])
    expect(await emails('search=a_a')).toEqual(['a_a@two.example'])
    expect(await emails('q=%25')).toEqual([])
    const first = await plane.call('GET', `projects/${own}/users?limit=3`)
    expect(first.body.page.total).toBe(4)
    expect(await emails(`limit=3&cursor=${first.body.page.next_cursor}`)).toEqual(['ada@one.example'])
    expect(await emails('page=2&page_size=3')).toEqual(['ada@one.example'])
  })
})

describe('changing', () => {
  test('metadata is merged one level, null removes; nothing else moves', async () => {
    const user = (await create({ email: 'meta@example.com', metadata: { a: 1, b: { c: 2 } } })).body.data
    const changed = await plane.call('PATCH', `projects/${id}/users/${user.id}`, { metadata: { a: null, b: { d: 3 } } })
    expect(changed.body.data).toMatchObject({ metadata: { b: { d: 3 } }, email: 'meta@example.com' })
  })

  test('a new address counts as unproved, unless said otherwise', async () => {
    const user = (await create({ email: 'old@example.com', email_verified: true })).body.data
    const path = `projects/${id}/users/${user.id}`
    expect((await plane.call('PATCH', path, { email: 'new@example.com' })).body.data).toMatchObject({
      email: 'new@example.com',
      email_verified: false,
    })
    expect((await plane.call('PATCH', path, { email: 'newer@example.com', email_verified: true })).body.data.email_verified).toBe(true)
    expect((await plane.call('PATCH', path, { email: 'ada@example.com' })).body.error.code).toBe('email_taken')
  })

  test('a new password ends every session and is told to the user', async () => {
    const user = (await create({ email: 'pw@example.com', password: PASSWORD })).body.data
    await startSession(user.id)
    await startSession(user.id)
    const changed = await plane.call('PATCH', `projects/${id}/users/${user.id}`, { password: 'another long sentence' })
    expect(changed.status).toBe(200)
    expect(await liveSessions(user.id)).toEqual([])
    expect(await sql(`select kind from auth.outbox where payload->>'end_user_id' = $1`, [user.id])).toEqual([{ kind: 'password_changed' }])
    expect((await plane.call('PATCH', `projects/${id}/users/${user.id}`, { password: 'qwertyuiop' })).body.error.code).toBe('weak_password')
  })

  test('a ban ends every session; lifting it brings none back; each is audited once', async () => {
    const user = (await create({ email: 'ban@example.com' })).body.data
    await startSession(user.id)
    const disabled = await plane.call('POST', `projects/${id}/users/${user.id}/disable`)
    expect([disabled.status, disabled.body.data.disabled]).toEqual([200, true])
    await plane.call('POST', `projects/${id}/users/${user.id}/disable`, {})
    expect(await liveSessions(user.id)).toEqual([])
    expect((await plane.call('POST', `projects/${id}/users/${user.id}/enable`)).body.data.disabled).toBe(false)
    expect(await liveSessions(user.id)).toEqual([])
    const log = await plane.call('GET', `projects/${id}/audit-log?limit=100`)
    const actions = log.body.data
      .filter((row: { resource_id: string }) => row.resource_id === user.id)
      .map((row: { action: string }) => row.action)
    expect(actions).toEqual(['user.enabled', 'user.disabled', 'user.created'])
  })

  test('two users who want one address at once: one gets it', async () => {
    const users = await Promise.all(
      ['r1@example.com', 'r2@example.com'].map(async (email) => (await create({ email })).body.data.id as string),
    )
    const answers = await Promise.all(
      users.map((user) => plane.call('PATCH', `projects/${id}/users/${user}`, { email: 'prize@example.com' })),
    )
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 422])
  })
})

describe('sessions', () => {
  test('are listed, and ended one by one or all', async () => {
    const user = (await create({ email: 'sess@example.com' })).body.data
    const other = (await create({ email: 'other@example.com' })).body.data
    const [a, b] = [await startSession(user.id), await startSession(user.id)]
    const foreign = await startSession(other.id)
    expect((await liveSessions(user.id)).map((session) => session.id).toSorted()).toEqual([a, b].toSorted())
    const path = `projects/${id}/users/${user.id}/sessions`
    expect((await plane.call('DELETE', `${path}/${foreign}`)).status).toBe(404)
    expect((await plane.call('DELETE', `${path}/${a}`)).body.data).toEqual({ sessions_ended: 1 })
    expect((await plane.call('DELETE', `${path}/${a}`)).status).toBe(404)
    expect((await plane.call('DELETE', path)).body.data).toEqual({ sessions_ended: 1 })
    expect(await liveSessions(other.id)).toHaveLength(1)
  })
})

describe('recovery', () => {
  test('enqueues one mail and hands no link to the caller', async () => {
    const user = (await create({ email: 'rec@example.com' })).body.data
    const answer = await plane.call('POST', `projects/${id}/users/${user.id}/recovery`)
    expect([answer.status, answer.body]).toEqual([200, { data: { ok: true, delivery: 'not_configured' } }])
    expect(await sql(`select kind, payload from auth.outbox where payload->>'end_user_id' = $1`, [user.id])).toEqual([
      { kind: 'account_recovery', payload: { end_user_id: user.id } },
    ])
    await plane.call('POST', `projects/${id}/users/${user.id}/disable`)
    expect((await plane.call('POST', `projects/${id}/users/${user.id}/recovery`)).status).toBe(409)
  })
})

describe('deleting', () => {
  test('the user and the sessions are gone, the address is free', async () => {
    const user = (await create({ email: 'gone@example.com' })).body.data
    await startSession(user.id)
    expect((await plane.call('DELETE', `projects/${id}/users/${user.id}`)).body).toEqual({ data: { id: user.id, deleted: true } })
    expect((await plane.call('DELETE', `projects/${id}/users/${user.id}`)).status).toBe(404)
    expect(await sql('select 1 from auth.session where end_user_id = $1', [user.id])).toEqual([])
    expect((await create({ email: 'gone@example.com' })).status).toBe(201)
  })
})

test.each(['x', randomUUID(), `usr_${randomUUID()}`])('users/%s is 404 on every route', async (user) => {
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/disable'],
    ['POST', '/enable'],
    ['GET', '/sessions'],
    ['DELETE', '/sessions'],
    ['POST', '/recovery'],
  ] as const) {
    expect([
      path,
      (await plane.call(method, `projects/${id}/users/${user}${path}`, method === 'PATCH' ? { password: PASSWORD } : undefined)).status,
    ]).toEqual([path, 404])
  }
})

describe('what the platform says of a person', () => {
  test('operators write it, merged like metadata, apart from it, and the audit names the field', async () => {
    const said = { metadata: { theme: 'dark' }, app_metadata: { plan: 'pro', seats: 2, gone: null } }
    const made = await create({ email: 'plan@example.com', ...said })
    expect(made.body.data).toMatchObject({ metadata: { theme: 'dark' }, app_metadata: { plan: 'pro', seats: 2 } })
    const path = `projects/${id}/users/${made.body.data.id}`
    const changed = await plane.call('PATCH', path, { app_metadata: { plan: 'free', seats: null } })
    expect(changed.body.data).toMatchObject({ metadata: { theme: 'dark' }, app_metadata: { plan: 'free' } })
    expect((await plane.call('GET', path)).body.data.app_metadata).toEqual({ plan: 'free' })
    const { body } = await plane.call('GET', `projects/${id}/audit-log?user_id=${made.body.data.id}`)
    expect(body.data.map((row: { action: string }) => row.action)).toEqual(['user.changed', 'user.created'])
    expect(body.data[0].metadata.fields).toEqual(['app_metadata'])
    const invited = await plane.call('POST', `projects/${id}/users/invite`, { email: 'invited.plan@example.com', app_metadata: { plan: 'team' } })
    expect(invited.body.data.app_metadata).toEqual({ plan: 'team' })
  })

  test.each([[{ plan: 'x'.repeat(2_048) }], ['pro'], [['pro']], [7]])('%# is refused', async (appMetadata) => {
    const answer = await create({ email: 'refused@example.com', app_metadata: appMetadata })
    expect([answer.status, answer.body.error.code]).toEqual([422, 'validation_error'])
  })
})

describe('one person', () => {
  const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36'

  test('sessions say the device, passkeys where they were registered', async () => {
    const user = (await create({ email: 'devices@example.com' })).body.data
    const session = await startSession(user.id)
    await sql('update auth.session set user_agent = $2 where id = $1', [session, CHROME])
    await sql(
      `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, rp_id,
        friendly_name, user_agent, created_at) values ($1, gen_random_uuid(), $2, '\\x01', '\\x02', 0, true, true, 'app.example', 'Laptop', $3, now())`,
      [bare(), user.id, CHROME],
    )
    const path = `projects/${id}/users/${user.id}`
    const device = { browser: 'Chrome 139', system: 'Windows' }
    expect((await plane.call('GET', `${path}/sessions`)).body.data[0]).toMatchObject({ ip: '203.0.113.9', user_agent: CHROME, device })
    const passkeys = await plane.call('GET', `${path}/passkeys`)
    expect(passkeys.body.data).toEqual([
      expect.objectContaining({ friendly_name: 'Laptop', rp_id: 'app.example', registered_on: device, last_used_at: null }),
    ])
    expect(passkeys.text).not.toContain('public_key')
    expect((await plane.call('GET', `projects/${id}/users/${randomUUID()}/passkeys`)).status).toBe(404)
  })

  test('the audit of one person is what they did and what was done to them, page by page, and nobody else’s', async () => {
    const user = (await create({ email: 'audited@example.com' })).body.data
    const other = (await create({ email: 'beside@example.com' })).body.data
    await sql(
      `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, created_at)
        select $1::uuid, 'session.started', 'end_user', $2::text, 'session', gen_random_uuid()::text, now() - n * interval '1 hour' from generate_series(1, 5) n
        union all select $1, 'user.password_changed', 'end_user', $2, 'end_user', $2::text, now() - interval '90 minutes'`,
      [bare(), user.id],
    )
    await plane.call('POST', `projects/${id}/users/${user.id}/disable`)
    await plane.call('POST', `projects/${id}/users/${other.id}/disable`)
    const actions: string[] = []
    let cursor = ''
    do {
      const { body } = await plane.call('GET', `projects/${id}/audit-log?user_id=${user.id}&limit=3${cursor}`)
      actions.push(...body.data.map((row: { action: string }) => row.action))
      cursor = body.page.next_cursor ? `&cursor=${body.page.next_cursor}` : ''
    } while (cursor !== '')
    const started = 'session.started'
    expect(actions).toEqual(['user.disabled', 'user.created', started, 'user.password_changed', started, started, started, started])
    const { body } = await plane.call('GET', `projects/${id}/audit-log?user_id=${user.id}&action=session.started&page=2&page_size=3`)
    expect(body.data).toHaveLength(2)
    const elsewhere = await makeProject(plane, { enable: true })
    expect((await plane.call('GET', `projects/${elsewhere}/audit-log?user_id=${user.id}`)).body.data).toEqual([])
  })
})
