import { SealedBox } from '@portico/crypto/sealed-box'
import { createLogger } from '@portico/http/request-log'
import { SendWebhook } from '@portico/platform/webhooks/send-webhook'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebhookRelay } from '../../../apps/worker/webhooks/webhook-relay.js'
import { verifyWebhook } from '../../../libs/sdk-js/verify-webhook.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, PASSWORD, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { runReplays } from '../../support/replays.js'
import { connect, type Connection } from '../../support/sql.js'
import { startReceiver, verifyWithTheirs } from '../../support/webhook-receiver.js'

let plane: TestControlPlane
let data: RunningDataPlane
let metering: TestMetering
let owner: Connection
let key: string
let project: string
const clock = new MovableClock()
const relays: WebhookRelay[] = []
const receivers: { close(): Promise<void> }[] = []

beforeAll(async () => {
  plane = await startControlPlane()
  data = await startDataPlane(plane.database, { clock })
  metering = meteringOf(plane.database, clock)
  owner = await connect(plane.database.url)
  key = await makeTenant(plane)
})
afterAll(async () => {
  await metering?.close()
  await data?.close()
  await owner?.close()
  await plane?.stop()
})
beforeEach(async () => {
  project = await makeProject(plane, { key, enable: true })
  await metering.settle()
})
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop(0)
  for (const receiver of receivers.splice(0)) await receiver.close()
})

function work(options: { timeLimitMs?: number } = {}): WebhookRelay {
  const send = new SendWebhook(new SealedBox({ current: testMasterKey() }), clock, { allowLoopback: true, ...options })
  const logger = createLogger({ service: 'worker', level: 'silent' })
  const relay = new WebhookRelay({ sql: metering.sql, send, clock, logger, pollMs: 20 })
  relays.push(relay)
  relay.start()
  return relay
}
async function receive(...answer: Parameters<typeof startReceiver>) {
  const receiver = await startReceiver(...answer)
  receivers.push(receiver)
  return receiver
}
const uuid = () => project.slice('proj_'.length)
const api = (method: string, path = '', body?: unknown) => plane.call(method, `projects/${project}/webhooks${path}`, body, { key })
const make = async (url: string, more: Record<string, unknown> = {}) => (await api('POST', '', { url, ...more })).body.data
const deliveries = async (id: string, query = '') => (await api('GET', `/${id}/deliveries?${query}`)).body.data
let people = 0
const signUp = async () => {
  const email = `person-${++people}@example.com`
  const answer = await call(`${data.url}/${project}/signup`, { body: { email, password: PASSWORD } })
  return { email, userId: answer.body.user_id as string }
}

test('what happens comes signed, and both libraries of the field and our SDK take it', async () => {
  const receiver = await receive()
  const { id, secret } = await make(receiver.url, { types: ['user.signed_up'] })
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect((await api('GET', `/${id}`)).text).not.toContain(secret)
  work()
  const { email, userId } = await signUp()
  await metering.settle()
  await expect.poll(() => receiver.received.length).toBe(1)
  const [one] = receiver.received
  verifyWithTheirs(one!, secret)
  expect(() => verifyWithTheirs(one!, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow()
  expect(one!.message).toMatchObject({
    id: one!.headers['webhook-id'],
    type: 'user.signed_up',
    version: 1,
    project_id: project,
    data: {
      actor: { type: 'end_user', id: userId },
      resource: { type: 'end_user', id: userId },
      user: { id: userId, email, email_verified: false },
    },
  })
  expect(one!.body).not.toMatch(/password|\$argon2|refresh/)
  const theirs = { headers: one!.headers, body: one!.body }
  expect(await verifyWebhook(theirs, ['whsec_AAAA', secret])).toMatchObject({ type: 'user.signed_up', projectId: project })
  await expect(verifyWebhook({ ...theirs, body: `${one!.body} ` }, secret)).rejects.toThrow('No signature')
  await expect(verifyWebhook(theirs, secret, Date.now() + 3_600_000)).rejects.toThrow('too old')
  await expect(verifyWebhook({ headers: {}, body: one!.body }, secret)).rejects.toThrow('missing')
  await expect.poll(async () => (await deliveries(id)).map(({ status }: { status: string }) => status)).toEqual(['delivered'])
  const [log] = await deliveries(id)
  expect(log).toMatchObject({ type: 'user.signed_up', attempts: 1, request_body: one!.body })
  expect(log.tries).toMatchObject([{ status: 200, error: null, response: 'taken' }])
})

test('two secrets sign while one replaces the other, for a day', async () => {
  const receiver = await receive()
  const { id, secret: old } = await make(receiver.url, { types: ['user.signed_up'] })
  const { secret: fresh } = (await api('POST', `/${id}/secret/rotate`)).body.data
  expect(fresh).not.toBe(old)
  work()
  expect((await api('POST', `/${id}/test`)).status).toBe(201)
  await expect.poll(() => receiver.received.length).toBe(1)
  verifyWithTheirs(receiver.received[0]!, old)
  verifyWithTheirs(receiver.received[0]!, fresh)
  expect(receiver.received[0]!.message.type).toBe('webhook.test')
})

test('a refusal is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, the same bytes under the same id, and then given up', async () => {
  const receiver = await receive(() => 500)
  const { id } = await make(receiver.url, { types: ['user.signed_up'] })
  const relay = work()
  await signUp()
  await metering.settle()
  for (const [index, pause] of [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, null].entries()) {
    await expect.poll(() => receiver.received.length).toBe(index + 1)
    await expect.poll(async () => (await deliveries(id))[0].tries.length).toBe(index + 1)
    const [{ tries, next_attempt_at: next }] = await deliveries(id)
    if (pause === null) break
    expect(Math.abs(Date.parse(next) - Date.parse(tries.at(-1).at) - pause * 1000)).toBeLessThan(3_000)
    clock.advanceSeconds(pause)
    relay.wake()
  }
  expect((await deliveries(id))[0]).toMatchObject({ status: 'failed', attempts: 8, next_attempt_at: null })
  expect(new Set(receiver.received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1)
  // Once more, by hand.
  const [{ id: delivery }] = await deliveries(id)
  expect((await api('POST', `/${id}/deliveries/${delivery}/resend`)).body.data).toMatchObject({ status: 'pending', attempts: 0 })
  await expect.poll(() => receiver.received.length).toBe(9)
})

test.each([
  ['a redirect', () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }), { status: 302, error: 'refused' }],
  ['a secret that is echoed', () => ({ status: 400, body: 'no: Bearer abcdef whsec_AAAABBBB eyJhbGci.eyJzdWIi.c2ln' }), { response: 'no: Bearer [redacted] [redacted] [redacted]' }],
  ['an endless answer', () => ({ status: 200, body: 'x'.repeat(100_000) }), { status: null, error: 'too_large' }],
  ['no answer', () => 'hang' as const, { status: null, error: 'too_slow' }],
])('%s is written down as what it is', async (_name, answer, expected) => {
  const receiver = await receive(answer)
  const { id } = await make(receiver.url)
  work({ timeLimitMs: 300 })
  await api('POST', `/${id}/test`)
  await expect.poll(async () => (await deliveries(id))[0].tries.length).toBe(1)
  expect((await deliveries(id))[0].tries[0]).toMatchObject(expected)
})

test('an endpoint that takes nothing for five days is turned off with an event, and what waited can be replayed', async () => {
  const receiver = await receive(() => 500)
  const other = await receive()
  const { id } = await make(receiver.url, { types: ['user.signed_up'] })
  await make(other.url, { types: ['webhook.disabled'] })
  const relay = work()
  const begun = new Date(clock.now().getTime() - 1_000).toISOString()
  await signUp()
  await metering.settle()
  await expect.poll(async () => (await api('GET', `/${id}`)).body.data.failing_since).not.toBeNull()
  clock.advanceSeconds(6 * 86_400)
  relay.wake()
  await expect.poll(async () => (await api('GET', `/${id}`)).body.data).toMatchObject({ enabled: false, disabled_reason: 'failing' })
  await metering.settle()
  await expect.poll(other.types).toEqual(['webhook.disabled'])
  expect((await api('POST', `/${id}/test`)).status).toBe(409)
  // The clock of the workers is far ahead by now.
  await plane.advance(8 * 86_400)
  const range = { since: begun, until: clock.now().toISOString() }
  expect((await api('POST', `/${id}/replay`, range)).status).toBe(409)
  const better = await receive()
  expect((await api('PATCH', `/${id}`, { enabled: true, url: better.url })).body.data).toMatchObject({ enabled: true, failing_since: null })
  expect((await api('POST', `/${id}/replay`, range)).status).toBe(202)
  await runReplays(metering.sql, clock)
  await expect.poll(better.types).toEqual(['user.signed_up'])
  expect(better.received[0]!.headers['webhook-id']).toBe(receiver.received[0]!.headers['webhook-id'])
})

describe('order', () => {
  test('with ordering: user, what is about one person waits for what was before; others do not wait for them', async () => {
    const refused = new Set<string>()
    const receiver = await receive(({ message }) => (refused.has(message.data.user?.id) ? 500 : 200))
    await make(receiver.url, { ordering: 'user', types: ['user.signed_up', 'user.disabled', 'user.enabled'] })
    const first = await signUp()
    const second = await signUp()
    refused.add(first.userId)
    for (const disabled of [true, false]) await plane.call('PATCH', `projects/${project}/users/${first.userId}`, { disabled }, { key })
    await metering.settle()
    const relay = work()
    await expect.poll(receiver.types).toHaveLength(2)
    await expect.poll(() => receiver.received.some(({ message }) => message.data.user.id === second.userId)).toBe(true)
    refused.clear()
    for (const pause of [5, 300]) {
      clock.advanceSeconds(pause)
      relay.wake()
    }
    const ofFirst = () => receiver.received.filter(({ message }) => message.data.user.id === first.userId)
    const own = () => ofFirst().map(({ message }) => message.type as string)
    await expect.poll(own).toEqual(['user.signed_up', 'user.signed_up', 'user.disabled', 'user.enabled'])
    const ids = [...new Set(receiver.received.map(({ headers }) => String(headers['webhook-id'])))]
    expect(ids).toHaveLength(4)
  })

  test('ids sort as the events happened', async () => {
    const receiver = await receive()
    await make(receiver.url, { types: ['user.signed_up'] })
    for (let i = 0; i < 5; i++) await signUp()
    await metering.settle()
    work()
    await expect.poll(() => receiver.received.length).toBe(5)
    const sorted = receiver.received.toSorted((a, b) => (String(a.headers['webhook-id']) < String(b.headers['webhook-id']) ? -1 : 1))
    const emails = sorted.map(({ message }) => Number(/\d+/.exec(message.data.user.email)![0]))
    expect(emails).toEqual(emails.toSorted((a, b) => a - b))
  })
})

test('a dead endpoint does not delay another one, whatever waits for it', { timeout: 60_000 }, async () => {
  const dead = await receive(() => 'hang')
  const alive = await receive()
  const { id } = await make(dead.url, { types: ['user.enabled'] })
  await owner.query(
    `insert into auth.audit_event (project_id, action, actor_type, resource, created_at) select $1, 'user.enabled', 'system', 'end_user', now() from generate_series(1, 300)`,
    [uuid()],
  )
  await metering.settle()
  const relay = work({ timeLimitMs: 5_000 })
  await expect.poll(() => dead.received.length).toBeGreaterThanOrEqual(10)
  const own = project
  project = await makeProject(plane, { key, enable: true })
  await make(alive.url, { types: ['user.signed_up'] })
  await signUp()
  await metering.settle()
  const from = performance.now()
  relay.wake()
  await expect.poll(() => alive.received.length, { interval: 5 }).toBe(1)
  expect(alive.received[0]!.at - from).toBeLessThan(1_000)
  project = own
  expect(dead.received.length).toBeLessThanOrEqual(20)
  expect((await deliveries(id, 'status=pending')).length).toBeGreaterThan(0)
})

test('a worker that dies between taking and telling: the next one tells it, after the lease; nothing is lost between event and delivery', async () => {
  const receiver = await receive()
  const { id } = await make(receiver.url, { types: ['user.signed_up'] })
  await signUp()
  // Dies before the commit of the round that made the delivery: the event waits for the next round.
  const dying = await connect(plane.database.roleUrl('portico_worker'))
  await dying.query('begin')
  await expect.poll(async () => (await dying.query<{ n: number }>(`select auth.hand_on_events(500, now(), '{user.signed_up}') as n`))[0]!.n).toBeGreaterThan(0)
  const [{ pid }] = (await dying.query<{ pid: number }>('select pg_backend_pid() as pid')) as [{ pid: number }]
  await owner.query('select pg_terminate_backend($1)', [pid])
  await dying.close().catch(() => undefined)
  expect(await deliveries(id)).toEqual([])
  await metering.settle()
  expect(await deliveries(id)).toHaveLength(1)
  // Dies after it has taken the delivery.
  await metering.sql.run({ name: 'claim_and_die', text: `select * from auth.claim_webhooks($1, 100, 10, 30, '{}')`, values: [clock.now()] })
  const relay = work()
  clock.advanceSeconds(29)
  relay.wake()
  expect(receiver.received).toEqual([])
  clock.advanceSeconds(2)
  relay.wake()
  await expect.poll(() => receiver.received.length).toBe(1)
  await expect.poll(async () => (await deliveries(id))[0].status).toBe('delivered')
})

test('what is asked for is checked: address, types, number of endpoints', async () => {
  for (const url of ['ftp://example.com', 'http://example.com/hook', 'https://10.0.0.1/hook', 'https://169.254.169.254/latest', 'nonsense']) {
    expect((await api('POST', '', { url })).status, url).toBe(422)
  }
  expect((await api('POST', '', { url: 'https://93.184.216.34', types: ['session.raised'] })).status).toBe(422)
  // Two dozen at once: no more than twenty are made.
  const made = await Promise.all(Array.from({ length: 24 }, (_, i) => api('POST', '', { url: `https://93.184.216.34/${i}` })))
  expect(made.map(({ status }) => status).toSorted()).toEqual([...Array(20).fill(201), ...Array(4).fill(422)])
  expect((await api('POST', '', { url: 'https://93.184.216.34/21' })).status).toBe(422)
  const { data: list } = (await api('GET')).body
  expect(list).toHaveLength(20)
  expect((await api('DELETE', `/${list[0].id}`)).body.data).toEqual({ id: list[0].id, deleted: true })
  expect((await api('GET', `/${list[0].id}`)).status).toBe(404)
  const sealed = await owner.query<{ text: string }>(`select encode(secret_sealed, 'escape') as text from auth.webhook_endpoint where project_id = $1`, [uuid()])
  expect(sealed.filter(({ text }) => text.includes('whsec_'))).toEqual([])
})
