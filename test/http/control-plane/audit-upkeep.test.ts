import { MovableClock } from '@portico/kernel/clock'
import { parseId } from '@portico/kernel/ids'
import { KeepAuditRows } from '@portico/platform/audit/keep-audit-rows'
import { SignAuditHeads } from '@portico/platform/audit/sign-audit-heads'
import { verifyAuditExport, verifyErasureReceipt } from '@portico/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { connect, type Connection } from '../../support/sql.js'

/** Rows that go by their age, people who are erased, and the chain that verifies over both. */
let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
const clock = new MovableClock()
const keep = () => new KeepAuditRows(metering.sql, clock, testMasterKey()).execute()

beforeAll(async () => {
  plane = await startControlPlane()
  metering = meteringOf(plane.database, clock)
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await metering?.close()
  await owner?.close()
  await plane?.stop()
})

type Line = Record<string, unknown>
const published = async () => (await plane.call('GET', 'audit-keys', undefined, { key: null })).body.keys as object[]
async function linesOf(project: string | null, key: string): Promise<Line[]> {
  await metering.settle()
  const { status, text } = await plane.call('GET', project ? `projects/${project}/audit-log/export` : 'audit-log/export', undefined, { key })
  expect(status).toBe(200)
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Line)
}
const check = async (lines: Line[]) => verifyAuditExport(lines.map((line) => JSON.stringify(line)), { keys: await published() })
const verified = async (project: string | null, key: string) => check(await linesOf(project, key))
const addUser = async (project: string, key: string, email: string) => {
  const answer = await plane.call('POST', `projects/${project}/users`, { email }, { key })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.data.id as string
}

test('the rows of the tenant itself are a chain of their own', async () => {
  const key = await makeTenant(plane)
  const project = await makeProject(plane, { key, enable: true })
  await metering.settle()
  await new SignAuditHeads(metering.sql, clock, testMasterKey()).execute()
  const lines = await linesOf(null, key)
  expect(lines.filter(({ type }) => type === 'event').map(({ action }) => action)).toEqual(['tenant.created', 'project.created'])
  expect(await check(lines)).toMatchObject({ projectId: null, rows: 2, signedTo: 2, problem: null })
  expect((await verified(project, key)).tenantId).toBeNull()
  const row = lines.findIndex(({ seq }) => seq === 2)
  for (const field of ['action', 'actor_id', 'resource_id', 'metadata', 'ip', 'created_at']) {
    const forged = lines.with(row, { ...lines[row], [field]: 'x' })
    expect((await check(forged)).problem, field).toMatchObject({ kind: 'changed', seq: 2 })
  }
  // Another tenant's log is another one.
  expect(JSON.stringify(await linesOf(null, await makeTenant(plane)))).not.toContain(project)
})

describe('retention', () => {
  test('old rows go and leave stubs; what is missing for another reason is still named', async () => {
    const key = await makeTenant(plane)
    const project = await makeProject(plane, { key, enable: true })
    const uuid = parseId('proj', project)!
    for (let i = 0; i < 3; i += 1) await addUser(project, key, `old${i}@example.com`)
    const untouched = await makeProject(plane, { key: await makeTenant(plane), enable: true })
    await metering.settle()
    expect((await plane.call('PUT', 'audit-log/retention', { days: 30 }, { key })).body.data).toEqual({ days: 30 })
    clock.advanceSeconds(31 * 86_400)
    for (let i = 0; i < 3; i += 1) await addUser(project, key, `new${i}@example.com`)
    await metering.settle()
    // Several workers at once: each row goes once.
    const gone = await Promise.all(Array.from({ length: 4 }, keep))
    expect(gone.reduce((sum, count) => sum + count, 0)).toBe(6)

    const lines = await linesOf(project, key)
    const types = ['portico.audit', ...Array<string>(4).fill('stub'), ...Array<string>(3).fill('event'), 'retention', 'end']
    expect(lines.map(({ type }) => type)).toEqual(types)
    expect(await check(lines)).toMatchObject({ rows: 7, retired: 4, problem: null })
    expect(await verified(null, key)).toMatchObject({ rows: 3, retired: 2, problem: null })
    const [left] = await owner.query<{ n: number }>('select count(*)::int as n from auth.audit_event where project_id = $1', [uuid])
    expect(left!.n).toBe(3)
    const count = 'select count(*)::int as n from auth.audit_event where project_id = $1'
    const [others] = await owner.query<{ n: number }>(count, [parseId('proj', untouched)])
    expect(others!.n).toBe(1)

    // Tampered with the file: no statement, a forged one, one of another log, a leaf of a stub.
    const at = (type: string) => lines.findIndex((line) => line['type'] === type)
    expect((await check(lines.toSpliced(at('retention'), 1))).problem).toMatchObject({ kind: 'dropped', seq: 1 })
    const forged = { ...lines[at('retention')], jws: `${String(lines[at('retention')]!['jws']).slice(0, -4)}AAAA` }
    expect((await check(lines.with(at('retention'), forged))).problem).toMatchObject({ kind: 'dropped', seq: 1 })
    const others2 = (await linesOf(null, key)).find(({ type }) => type === 'retention')!
    expect((await check(lines.with(at('retention'), others2))).problem).toMatchObject({ kind: 'dropped', seq: 1 })
    expect((await check(lines.with(2, { ...lines[2], leaf: 'ab'.repeat(32) }))).problem).toMatchObject({ kind: 'changed', seq: 2 })
    expect((await check(lines.toSpliced(2, 1))).problem).toMatchObject({ kind: 'dropped', seq: 2 })

    // Tampered with the database: a younger row, and the note of how far retention went.
    await owner.query(`delete from auth.audit_event e using auth.audit_link l
      where l.project_id = $1 and l.seq = 6 and e.project_id = l.project_id and e.id = l.event_id`, [uuid])
    expect((await verified(project, key)).problem).toMatchObject({ kind: 'dropped', seq: 6 })
    await owner.query('update auth.audit_chain set cut_seq = 6 where project_id = $1', [uuid])
    expect((await verified(project, key)).problem).toMatchObject({ kind: 'dropped', seq: 6 })
  })

  test('it is 30 days at least, is written down, and takes nothing when it was made longer meanwhile', async () => {
    const key = await makeTenant(plane)
    expect((await plane.call('GET', 'audit-log/retention', undefined, { key })).body.data).toEqual({ days: null })
    for (const days of [0, 29, 3_651, 1.5, '60', undefined]) {
      expect((await plane.call('PUT', 'audit-log/retention', { days }, { key })).status, String(days)).toBe(422)
    }
    await plane.call('PUT', 'audit-log/retention', { days: 60 }, { key })
    await metering.settle()
    clock.advanceSeconds(40 * 86_400)
    await keep()
    expect(await verified(null, key)).toMatchObject({ retired: 0, problem: null })
    await plane.call('PUT', 'audit-log/retention', { days: null }, { key })
    clock.advanceSeconds(90 * 86_400)
    await keep()
    expect(await verified(null, key)).toMatchObject({ retired: 0, problem: null })
    const { body } = await plane.call('GET', 'audit-log?action=audit.retention_changed', undefined, { key })
    expect(body.data.map(({ metadata }: { metadata: object }) => metadata)).toEqual([{ days: null }, { days: 60 }])
  })

  test('a key without the permission changes neither it nor the stream', async () => {
    const key = await makeTenant(plane)
    const made = await plane.call('POST', 'api-keys', { name: 'reads', scopes: ['audit:read', 'projects:write'] }, { key })
    const weak = { key: made.body.data.key as string }
    expect((await plane.call('GET', 'audit-log/retention', undefined, weak)).status).toBe(200)
    expect((await plane.call('PUT', 'audit-log/retention', { days: 30 }, weak)).status).toBe(403)
    expect((await plane.call('DELETE', 'audit-log/stream', undefined, weak)).status).toBe(403)
  })
})

describe('erasure', () => {
  const IP = '198.51.100.77'
  const AGENT = 'Ada’s own browser'

  /** Somebody with a trace of every kind. */
  async function traces(project: string, key: string, email: string): Promise<string> {
    const uuid = parseId('proj', project)!
    const id = await addUser(project, key, email)
    const run = (sql: string, ...more: unknown[]) => owner.query(sql, [uuid, ...more])
    const event = `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)`
    await run(`${event} values ($1, 'session.started', 'end_user', $2, 'session', gen_random_uuid()::text, $3, $4, now())`, id, IP, AGENT)
    await run(`${event} values ($1, 'sign_in.refused', 'anonymous', null, 'end_user', $2, $3, $4, now())`, id, IP, AGENT)
    await run(`${event} values ($1, 'user.disabled', 'api_key', 'key_x', 'end_user', $2, '203.0.113.5', 'operator', now())`, id)
    await run(`insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values ($1, gen_random_uuid(), 'password_reset', jsonb_build_object('address', $2::text), now(), now() + interval '1 hour')`, email)
    await run(`insert into auth.email_challenge (project_id, id, purpose, address, address_typed, created_at, expires_at)
      values ($1, gen_random_uuid(), 'sign_in', $2, $2, now(), now() + interval '1 hour')`, email)
    await run(`insert into auth.suppressed_address (project_id, address, reason, since) values ($1, $2, 'bounced', now())`, email)
    await run(`insert into auth.webhook_message (project_id, id, type, body, created_at)
      values ($1, gen_random_uuid()::text, 'user.created', json_build_object('id', $2::text)::text, now())`, id)
    await run(`insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, expires_at, ip, user_agent, amr)
      values ($1, gen_random_uuid(), $2, now(), now(), now(), now() + interval '1 day', $3, $4, '{pwd}')`, id, IP, AGENT)
    return id
  }

  /** Every table of schema auth that has this text anywhere, in a row of the project. */
  async function tablesWith(project: string, text: string): Promise<string[]> {
    const tables = await owner.query<{ name: string }>(`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r' and a.attname = 'project_id' order by 1`)
    const found: string[] = []
    for (const { name } of tables) {
      const sql = `select 1 from auth."${name}" t where t.project_id = $1 and strpos(lower(t::text), lower($2)) > 0 limit 1`
      if ((await owner.query(sql, [parseId('proj', project), text])).length > 0) found.push(name)
    }
    return found
  }

  test('nothing personal is left anywhere, the chain verifies, and the receipt says what went, offline', async () => {
    const key = await makeTenant(plane)
    const project = await makeProject(plane, { key, enable: true })
    const id = await traces(project, key, 'ada@example.com')
    await traces(project, key, 'bob@example.com')
    const before = await linesOf(project, key)
    expect(await check(before)).toMatchObject({ erased: 0, problem: null })
    expect(await tablesWith(project, 'ada@example.com')).not.toEqual([])

    // Twenty at once, and events handed on meanwhile: one erasure, one receipt.
    const erase = () => plane.call('POST', `projects/${project}/users/${id}/erase`, undefined, { key })
    const [answers] = await Promise.all([Promise.all(Array.from({ length: 20 }, erase)), metering.settle()])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.data.receipt)).size).toBe(1)
    const { receipt, destroyed } = answers[0]!.body.data

    for (const text of ['ada@example.com', AGENT.replace('’', '%')]) expect(await tablesWith(project, text)).toEqual([])
    // Bob's rows are as they were, and the operator's address on Ada's: it is not hers.
    expect(await tablesWith(project, 'bob@example.com')).not.toEqual([])
    const lines = await linesOf(project, key)
    const rowsOf = (person: string) => lines.filter((line) => line['actor_id'] === person || line['resource_id'] === person)
    expect(rowsOf(id).filter(({ ip }) => ip === IP)).toEqual([])
    expect(rowsOf(id).find(({ action }) => action === 'user.disabled')).toMatchObject({ ip: '203.0.113.5', user_agent: 'operator' })
    expect(await check(lines)).toMatchObject({ erased: 2, problem: null })
    expect(lines.filter(({ action }) => action === 'user.erased')).toHaveLength(1)

    const statement = await verifyErasureReceipt(receipt, { keys: await published() })
    expect(statement).toMatchObject({ projectId: project, userId: id, destroyed })
    expect(destroyed).toEqual({
      account: 1, sessions: 1, mails: 1, mailed_codes: 1, suppressed_addresses: 1, webhook_messages: 1, audit_rows: 2, audit_key: 1,
    })
    expect(statement!.kept['elsewhere']).toContain('backups')
    const [head, body, signature] = receipt.split('.')
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), user: 'x' })).toString('base64url')
    expect(await verifyErasureReceipt(`${head}.${other}.${signature}`, { keys: await published() })).toBeNull()
    expect(await verifyErasureReceipt(receipt, { keys: [] })).toBeNull()
    expect((await plane.call('GET', `projects/${project}/erasures`, undefined, { key })).body.data).toMatchObject([{ user_id: id, receipt }])

    // What a request that was under way writes about them later loses what is personal before it is chained.
    await owner.query(`insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
      values ($1, 'sign_in.refused', 'anonymous', null, 'end_user', $2, $3, $4, now())`, [parseId('proj', project), id, IP, AGENT])
    const later = await linesOf(project, key)
    expect(later.filter((line) => line['resource_id'] === id && line['ip'] === IP)).toEqual([])
    expect(await check(later)).toMatchObject({ problem: null })

    // Nobody can pass a change off as an erasure: without its statement, or of somebody who was not erased.
    const statements = (line: Line) => line['type'] === 'erasure'
    const first = lines.find((line) => line['salt'] === null)!
    expect((await check(lines.filter((line) => !statements(line)))).problem).toMatchObject({ kind: 'changed', seq: first['seq'] })
    const bobs = lines.findIndex((line) => line['action'] === 'session.started' && line['actor_id'] !== id)
    const blank = { ...lines[bobs], ip: null, user_agent: null, salt: null }
    expect((await check(lines.with(bobs, blank))).problem).toMatchObject({ kind: 'changed', seq: lines[bobs]!['seq'] })
  })

  test('somebody who was deleted before is erased too; nobody, or another project’s, is not found', async () => {
    const key = await makeTenant(plane)
    const project = await makeProject(plane, { key, enable: true })
    const id = await traces(project, key, 'gone@example.com')
    await plane.call('DELETE', `projects/${project}/users/${id}`, undefined, { key })
    await metering.settle()
    const foreign = await makeProject(plane, { key, enable: true })
    expect((await plane.call('POST', `projects/${foreign}/users/${id}/erase`, undefined, { key })).status).toBe(404)
    const { status, body } = await plane.call('POST', `projects/${project}/users/${id}/erase`, undefined, { key })
    expect(status).toBe(200)
    expect(body.data.destroyed).toMatchObject({ audit_rows: 2, audit_key: 1 })
    expect(await verified(project, key)).toMatchObject({ erased: 2, problem: null })
    expect((await plane.call('POST', `projects/${project}/users/${crypto.randomUUID()}/erase`, undefined, { key })).status).toBe(404)
  })
})
