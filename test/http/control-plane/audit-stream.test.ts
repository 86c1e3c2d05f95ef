import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SealedBox } from '@portico/crypto/sealed-box'
import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import { MovableClock } from '@portico/kernel/clock'
import { DeliverAuditPart } from '@portico/platform/audit/deliver-audit-part'
import { ExportAuditChain } from '@portico/platform/audit/export-audit-chain'
import { SignAuditHeads } from '@portico/platform/audit/sign-audit-heads'
import { StreamAudit } from '@portico/platform/audit/stream-audit'
import { resealAuditStreams } from '@portico/platform/master-key/reseal-audit-streams'
import { verifyAuditExport } from '@portico/sdk'
import { AuditSigner } from '@portico/tokens/audit-signer'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { connect, type Connection } from '../../support/sql.js'

/** The audit log as it is streamed away: at least once, in parts that verify when they are put together. */
let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
let key: string
let project: string
const clock = new MovableClock()
const servers: Server[] = []

interface Got {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

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
beforeEach(async () => {
  key = await makeTenant(plane)
  project = await makeProject(plane, { key, enable: true })
})
afterEach(async () => {
  await owner.query('delete from metering.audit_stream')
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

async function receive(answer: (got: Got) => number = () => 200) {
  const got: Got[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const one = { method: request.method!, path: request.url!, headers: request.headers as Record<string, string>, body }
      got.push(one)
      response.writeHead(answer(one)).end()
    })
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}
const box = new SealedBox({ current: testMasterKey() })
const worker = (sealed = box) =>
  new StreamAudit(
    metering.sql,
    new ExportAuditChain(metering.sql, new AuditSigner(testMasterKey()), clock),
    new DeliverAuditPart(sealed, clock, { allowLoopback: true }),
    clock,
  )
/** A round when the stream is due again. */
const round = async () => {
  await metering.settle()
  clock.advanceSeconds(3_700)
  return worker().execute()
}
const api = (method: string, body?: unknown, as = key) => plane.call(method, 'audit-log/stream', body, { key: as })
const add = async (email: string) => expect((await plane.call('POST', `projects/${project}/users`, { email }, { key })).status).toBe(201)
const bySubject = (parts: string[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const part of parts) {
    const { project_id: ofProject, tenant_id: ofTenant } = JSON.parse(part.split('\n', 1)[0]!) as Record<string, string | undefined>
    const log = ofProject ?? ofTenant!
    found.set(log, [...(found.get(log) ?? []), part])
  }
  return found
}
const verify = async (parts: string[]) =>
  verifyAuditExport(parts.join('').split('\n'), { keys: (await plane.call('GET', 'audit-keys', undefined, { key: null })).body.keys })

test('parts of every log of the tenant go to an HTTPS endpoint, signed, and verify when they are put together', async () => {
  const { url, got } = await receive()
  expect((await api('GET')).body.data).toBeNull()
  const set = (await api('PUT', { kind: 'https', url })).body.data
  expect(set).toMatchObject({ kind: 'https', url: `${url}/`, state: 'ready', secret: expect.stringMatching(/^whsec_/) })
  await add('a@example.com')
  expect(await round()).toBe(2)
  expect(await round()).toBe(0)
  await add('b@example.com')
  await round()
  await metering.settle()
  await new SignAuditHeads(metering.sql, clock, testMasterKey()).execute()
  // Nothing new but a signature.
  expect(await round()).toBe(2)

  for (const { headers, body } of got) {
    expect(() => new Webhook(set.secret).verify(body, headers)).toThrow(/too new|too old/)
    const at = Number(headers['webhook-timestamp'])
    expect(headers['webhook-signature']).toBe(new Webhook(set.secret).sign(headers['webhook-id']!, new Date(at * 1000), body))
  }
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(got.length)
  const logs = bySubject(got.map(({ body }) => body))
  expect(logs.size).toBe(2)
  expect(await verify(logs.get(project)!)).toMatchObject({ projectId: project, after: 0, rows: 3, signedTo: 3, problem: null })
  const tenant = [...logs.keys()].find((name) => name.startsWith('tnt_'))!
  expect(await verify(logs.get(tenant)!)).toMatchObject({ rows: 3, signedTo: 3, problem: null })
  // A part by itself, and a gap.
  expect(await verify(logs.get(project)!.slice(1))).toMatchObject({ after: 2, rows: 3, problem: null })
  const [first, second, ...rest] = logs.get(project)!
  expect((await verify([second!, first!])).problem).not.toBeNull()
  const tampered = first!.replace('a@example.com', 'x').replace('user.created', 'user.deleted')
  expect((await verify([tampered, second!, ...rest])).problem).toMatchObject({ kind: 'changed', seq: 2 })
  expect((await verify([second!, ...rest, second!])).problem).toBeNull()

  expect((await api('GET')).body.data).toMatchObject({ rows_behind: 0, state: 'ready', parts: got.length })
  expect((await api('GET')).body.data.secret).toBeUndefined()
})

test('while the destination fails rows wait, tries come later and later, and everything arrives in the end', async () => {
  let status = 503
  const { url, got } = await receive(() => status)
  await api('PUT', { kind: 'https', url })
  expect(await round()).toBe(0)
  const failing = (await api('GET')).body.data
  expect(failing).toMatchObject({ state: 'failing', problem: 'The destination answered 503.', delivered_at: null, rows_behind: 4 })
  // Not due yet.
  expect(await worker().execute()).toBe(0)
  expect(got).toHaveLength(1)
  await round()
  const later = Date.parse((await api('GET')).body.data.next_attempt_at) - clock.now().getTime()
  expect(later).toBeGreaterThan(Date.parse(failing.next_attempt_at) - Date.parse(failing.failing_since))
  status = 200
  await round()
  await round()
  expect((await api('GET')).body.data).toMatchObject({ state: 'ready', problem: null, rows_behind: 0 })
  const { body } = await plane.call('GET', 'audit-log?limit=100', undefined, { key })
  expect(body.data.map(({ action }: { action: string }) => action).filter((action: string) => action.startsWith('audit.'))).toEqual([
    'audit.stream_recovered', 'audit.stream_failing', 'audit.stream_set',
  ])
  const arrived = bySubject(got.filter((_, i) => i >= 2).map(({ body: text }) => text))
  for (const parts of arrived.values()) expect((await verify(parts)).problem).toBeNull()
})

test('a part that was sent and not noted comes again, and the whole still verifies', async () => {
  const { url, got } = await receive()
  await api('PUT', { kind: 'https', url })
  await add('a@example.com')
  await round()
  // As if the worker had died between the two.
  await owner.query('delete from metering.audit_stream_place')
  await add('b@example.com')
  await round()
  const parts = bySubject(got.map(({ body }) => body)).get(project)!
  expect(parts).toHaveLength(2)
  expect(await verify(parts)).toMatchObject({ after: 0, rows: 3, problem: null })
})

test('several workers at once do not send the same part', async () => {
  const { url, got } = await receive()
  await api('PUT', { kind: 'https', url })
  await metering.settle()
  clock.advanceSeconds(60)
  await Promise.all(Array.from({ length: 8 }, () => worker().execute()))
  expect(got).toHaveLength(2)
})

test('a store of the shape of S3 is written objects whose names sort in the order of the rows', async () => {
  const { url, got } = await receive()
  const store = { kind: 's3', endpoint: url, region: 'eu-central-1', bucket: 'logs', prefix: 'portico/', access_key_id: 'AKIAEXAMPLE' }
  expect((await api('PUT', store)).status).toBe(422)
  const set = await api('PUT', { ...store, secret_access_key: 'a secret of theirs' })
  expect(set.body.data).toMatchObject(store)
  expect(set.text).not.toContain('a secret of theirs')
  await add('a@example.com')
  await round()
  await add('b@example.com')
  await round()
  const objects = got.filter(({ path }) => path.includes(project))
  expect(objects.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `PUT /logs/portico/${project}/000000000001-000000000002.ndjson`,
    `PUT /logs/portico/${project}/000000000003-000000000003.ndjson`,
  ])
  expect(objects[0]!.headers['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request,SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,Signature=[0-9a-f]{64}$/,
  )
  expect(await verify(objects.map(({ body }) => body))).toMatchObject({ rows: 3, problem: null })
})

test('another destination begins with the first row, the same one goes on; a tenant has its own rows only', async () => {
  const [a, b] = [await receive(), await receive()]
  await api('PUT', { kind: 'https', url: a.url })
  await round()
  const before = (await api('PUT', { kind: 'https', url: a.url })).body.data
  expect(before.parts).toBe(2)
  const other = await makeTenant(plane)
  const theirs = await makeProject(plane, { key: other, enable: true })
  await api('PUT', { kind: 'https', url: b.url })
  await round()
  const parts = bySubject(b.got.map(({ body }) => body))
  expect(await verify(parts.get(project)!)).toMatchObject({ after: 0, problem: null })
  expect(b.got.map(({ body }) => body).join('')).not.toContain(theirs)
  expect((await api('GET', undefined, other)).body.data).toBeNull()
  expect((await api('DELETE', undefined, other)).status).toBe(404)
  expect((await api('DELETE')).status).toBe(200)
  await add('late@example.com')
  expect(await round()).toBe(0)
})

test.each([
  ['an inner address', { kind: 'https', url: 'https://169.254.169.254/latest' }],
  ['no URL', { kind: 'https', url: 'siem.example' }],
  ['none at all', { kind: 'https' }],
  ['a bucket with a path', { kind: 's3', endpoint: 'https://s3.example.com', region: 'x', bucket: '../b', access_key_id: 'a', secret_access_key: 'b' }],
  ['a prefix that climbs', { kind: 's3', endpoint: 'https://s3.example.com', region: 'x', bucket: 'logs', prefix: 'a/../../', access_key_id: 'a', secret_access_key: 'b' }],
])('%s is refused', async (_what, body) => {
  expect((await api('PUT', body)).status).toBe(422)
})

test('its secret is sealed again when the master key changes', async () => {
  const { url, got } = await receive()
  const { secret } = (await api('PUT', { kind: 'https', url })).body.data
  const pool = new Database({ connectionString: plane.database.roleUrl('portico_control'), poolSize: 1, applicationName: 'test-reseal' })
  const sql = new PlatformSql(pool)
  const fresh = new SealedBox({ current: Buffer.alloc(32, 7), previous: testMasterKey() })
  expect(await resealAuditStreams(sql, fresh)).toBe(1)
  await pool.close()
  await metering.settle()
  clock.advanceSeconds(60)
  await worker(new SealedBox({ current: Buffer.alloc(32, 7) })).execute()
  const { headers, body } = got[0]!
  expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(headers['webhook-id']!, new Date(Number(headers['webhook-timestamp']) * 1000), body))
})
