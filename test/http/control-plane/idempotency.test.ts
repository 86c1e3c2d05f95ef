import { randomUUID } from 'node:crypto'
import { ALL_SCOPES } from '@portico/platform/api-keys/scopes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

const under = (key: string) => ({ headers: { 'idempotency-key': key } })

test('a repeat gets the first answer and has no second effect', async () => {
  const key = randomUUID()
  const first = await plane.call('POST', 'projects', { name: 'Once' }, under(key))
  expect(first.status).toBe(201)
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  const second = await plane.call('POST', '/v1/projects', { name: 'Once' }, under(key))
  expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true'])
  expect(second.body).toEqual(first.body)
  expect((await plane.call('GET', 'projects?q=once')).body.page.total).toBe(1)
})

test.each([
  ['another body', 'POST', 'projects', { name: 'Two' }],
  ['another path', 'POST', 'tenants', { name: 'One' }],
])('%s under the same key is a conflict', async (_name, method, path, body) => {
  const key = randomUUID()
  await plane.call('POST', 'projects', { name: 'One' }, under(key))
  const answer = await plane.call(method, path, body, under(key))
  expect([answer.status, answer.body.error.code]).toEqual([409, 'idempotency_conflict'])
})

test('of 20 at once exactly one has an effect; the others are told to wait or get its answer', async () => {
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 20 }, () => plane.call('POST', 'projects', { name: 'Race' }, under(key))))
  expect((await plane.call('GET', 'projects?q=race')).body.page.total).toBe(1)
  const made = answers.filter((answer) => answer.status === 201)
  expect(made.length).toBeGreaterThan(0)
  expect(new Set(made.map((answer) => answer.body.data.id)).size).toBe(1)
  for (const answer of answers)
    if (answer.status !== 201) expect([answer.status, answer.body.error.code]).toEqual([409, 'idempotency_in_progress'])
  const late = await plane.call('POST', 'projects', { name: 'Race' }, under(key))
  expect([late.status, late.body.data.id]).toEqual([201, made[0]!.body.data.id])
})

test('keys of two tenants do not meet', async () => {
  const key = randomUUID()
  const stranger = await makeTenant(plane)
  const ours = await plane.call('POST', 'projects', { name: 'Ours' }, under(key))
  const theirs = await plane.call('POST', 'projects', { name: 'Theirs' }, { ...under(key), key: stranger })
  expect([ours.status, theirs.status]).toEqual([201, 201])
})

test.each([
  ['fewer scopes', ['keys:write']],
  ['the same scopes', [...ALL_SCOPES]],
])('another key of the tenant, with %s, does not get the answer', async (_what, scopes) => {
  const key = randomUUID()
  const body = { name: 'strong', scopes: ['env:read'] }
  const first = await plane.call('POST', 'api-keys', body, under(key))
  const other = (await plane.call('POST', 'api-keys', { name: 'other', scopes })).body.data.key
  const answer = await plane.call('POST', 'api-keys', body, { ...under(key), key: other })
  expect([answer.status, answer.body.error.code, answer.headers.get('idempotent-replayed')]).toEqual([409, 'idempotency_conflict', null])
  expect(answer.text).not.toContain(first.body.data.key)
  expect((await plane.call('POST', 'api-keys', body, under(key))).body).toEqual(first.body)
})

test('a refusal is remembered too, on every changing method', async () => {
  const id = await makeProject(plane)
  const key = randomUUID()
  expect((await plane.call('PATCH', `projects/${id}/auth`, { allow_signups: false }, under(key))).body.error.code).toBe('auth_not_enabled')
  await plane.call('POST', `projects/${id}/auth`, {})
  const repeat = await plane.call('PATCH', `projects/${id}/auth`, { allow_signups: false }, under(key))
  expect([repeat.body.error.code, repeat.headers.get('idempotent-replayed')]).toEqual(['auth_not_enabled', 'true'])
  const drop = randomUUID()
  const first = await plane.call('DELETE', `projects/${id}/auth`, undefined, under(drop))
  const again = await plane.call('DELETE', `projects/${id}/auth`, undefined, under(drop))
  expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true'])
})

test('answers are sealed at rest: a new key is not in the table', async () => {
  const made = await plane.call('POST', 'api-keys', { name: 'sealed', scopes: ['projects:read'] }, under(randomUUID()))
  const { rows } = await withAdmin(plane.database.url, (client) =>
    client.query(`select encode(answer_sealed, 'escape') as text from platform.idempotency_record`),
  )
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toContain(made.body.data.key.slice(9))
})

test('a try that was cut down frees its key after a minute', async () => {
  const key = randomUUID()
  await withAdmin(plane.database.url, async (client) => {
    const now = new Date()
    await client.query(
      `insert into platform.idempotency_record (tenant_id, key, request_digest, created_at, expires_at)
        select t.id, $1, sha256(convert_to('POST' || chr(10) || '/api/v1/projects' || chr(10) || 'api_key:' || k.id || chr(10) || $2, 'utf8')), $3, $4
        from platform.tenant t join platform.api_key k on k.tenant_id = t.id where t.slug = 'default' order by k.created_at limit 1`,
      [key, JSON.stringify({ name: 'Phoenix' }), now, new Date(now.getTime() + 86_400_000)],
    )
  })
  expect((await plane.call('POST', 'projects', { name: 'Phoenix' }, under(key))).body.error.code).toBe('idempotency_in_progress')
  await plane.advance(61)
  expect((await plane.call('POST', 'projects', { name: 'Phoenix' }, under(key))).status).toBe(201)
})

test('after a day a key is free again', async () => {
  const key = randomUUID()
  const first = await plane.call('POST', 'projects', { name: 'Daily' }, under(key))
  await plane.advance(86_401)
  const next = await plane.call('POST', 'projects', { name: 'Daily news' }, under(key))
  expect([first.status, next.status]).toEqual([201, 201])
})

test.each(['', 'x'.repeat(256), 'two words', 'Ã¼'])('the key %j is refused', async (key) => {
  const answer = await plane.call('POST', 'projects', { name: 'Bad' }, under(key))
  expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request'])
})
