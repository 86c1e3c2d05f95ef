import { SealedBox } from '@portico/crypto/sealed-box'
import { createLogger } from '@portico/http/request-log'
import { MovableClock } from '@portico/kernel/clock'
import { SendWebhook } from '@portico/platform/webhooks/send-webhook'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebhookRelay } from '../../../apps/worker/webhooks/webhook-relay.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { runReplays } from '../../support/replays.js'
import { connect, type Connection } from '../../support/sql.js'
import { startReceiver, verifyWithTheirs } from '../../support/webhook-receiver.js'

let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
let key: string
let projects: string[]
const clock = new MovableClock()
const relays: WebhookRelay[] = []
const receivers: { close(): Promise<void> }[] = []

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
  projects = [await makeProject(plane, { key, enable: true }), await makeProject(plane, { key, enable: true })]
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
const api = (method: string, path = '', body?: unknown, as = key) => plane.call(method, `webhooks${path}`, body, { key: as })
const make = async (url: string, more: Record<string, unknown> = {}) => {
  const answer = await api('POST', '', { url, ...more })
  expect(answer.status, answer.text).toBe(201)
  return answer.body.data
}
let people = 0
const person = async (project: string) => {
  const answer = await plane.call('POST', `projects/${project}/users`, { email: `p${++people}@example.com` }, { key })
  expect(answer.status).toBe(201)
}

test('one endpoint hears every project of its tenant, later ones too, and nobody else’s', async () => {
  const receiver = await receive()
  const { id, secret } = await make(receiver.url, { types: ['user.created'] })
  const other = await makeTenant(plane)
  const theirs = await makeProject(plane, { key: other, enable: true })
  await plane.call('POST', `projects/${theirs}/users`, { email: 'x@example.com' }, { key: other })
  projects.push(await makeProject(plane, { key, enable: true }))
  for (const project of projects) await person(project)
  work()
  await metering.settle()
  await expect.poll(() => receiver.received.length).toBe(3)
  expect(new Set(receiver.received.map(({ message }) => message.project_id))).toEqual(new Set(projects))
  for (const one of receiver.received) verifyWithTheirs(one, secret)
  await expect.poll(async () => (await api('GET', `/${id}/deliveries?status=delivered`)).body.data.length).toBe(3)
  const { data, page } = (await api('GET', `/${id}/deliveries?limit=2`)).body
  const rest = (await api('GET', `/${id}/deliveries?limit=2&cursor=${page.next_cursor}`)).body.data
  expect(new Set([...data, ...rest].map(({ project_id }) => project_id))).toEqual(new Set(projects))
  expect((await api('GET', `/${id}/deliveries/${data[0].id}`)).body.data).toMatchObject({ status: 'delivered', attempts: 1 })
  // Neither the endpoint nor what was sent to it is anybody else's.
  for (const path of [`/${id}`, `/${id}/deliveries`, `/${id}/deliveries/${data[0].id}`])
    expect((await api('GET', path, undefined, other)).status).toBe(404)
  expect((await api('POST', `/${id}/deliveries/${data[0].id}/resend`, undefined, other)).status).toBe(404)
  expect((await api('POST', `/${id}/deliveries/${data[0].id}/resend`)).body.data).toMatchObject({ status: 'pending' })
  await expect.poll(() => receiver.received.length).toBe(4)
})

test('chosen projects and types; a replay brings the rest; removed, nothing is left', async () => {
  const receiver = await receive()
  const [first, second] = projects as [string, string]
  const { id } = await make(receiver.url, { types: ['user.created'], project_ids: [first] })
  const since = new Date(clock.now().getTime() - 60_000).toISOString()
  for (const project of projects) await person(project)
  work()
  await metering.settle()
  await expect.poll(() => receiver.received.map(({ message }) => message.project_id as string)).toEqual([first])
  expect((await api('PATCH', `/${id}`, { project_ids: [second] })).body.data.project_ids).toEqual([second])
  expect((await api('POST', `/${id}/replay`, { since, until: new Date(Date.now() + 60_000).toISOString() })).status).toBe(202)
  await runReplays(metering.sql, clock)
  await expect.poll(() => receiver.received.map(({ message }) => message.project_id as string)).toEqual([first, second])
  expect((await api('POST', `/${id}/test`)).body.data).toMatchObject({ type: 'webhook.test', project_id: second })
  await expect.poll(() => receiver.received.length).toBe(3)
  const { secret } = (await api('POST', `/${id}/secret/rotate`)).body.data
  await api('POST', `/${id}/test`)
  await expect.poll(() => receiver.received.length).toBe(4)
  verifyWithTheirs(receiver.received[3]!, secret)
  expect((await api('DELETE', `/${id}`)).body.data).toEqual({ id, deleted: true })
  expect((await api('GET')).body.data).toEqual([])
  expect(await owner.query('select 1 from auth.webhook_delivery where endpoint_id = $1', [id.slice(4)])).toEqual([])
  const log = (await plane.call('GET', 'audit-log?limit=100', undefined, { key })).body.data.map(({ action }: { action: string }) => action)
  for (const action of ['created', 'changed', 'replayed', 'secret_rotated', 'removed']) expect(log).toContain(`webhook.${action}`)
})

test('one that hangs is off after five days, takes its own share meanwhile, and an endpoint of a project is on time', async () => {
  const dead = await receive(() => 'hang')
  const alive = await receive()
  const { id } = await make(dead.url, { types: ['user.created'] })
  const [first] = projects as [string, string]
  expect((await plane.call('POST', `projects/${first}/webhooks`, { url: alive.url, types: ['user.created'] }, { key })).status).toBe(201)
  for (let i = 0; i < 15; i++) for (const project of projects) await person(project)
  await metering.settle()
  const relay = work({ timeLimitMs: 400 })
  await expect.poll(() => alive.received.length).toBe(15)
  expect(dead.received.length).toBeLessThanOrEqual(20)
  await expect.poll(async () => (await api('GET', `/${id}`)).body.data.failing_since).not.toBeNull()
  clock.advanceSeconds(6 * 86_400)
  relay.wake()
  await expect.poll(async () => (await api('GET', `/${id}`)).body.data, { timeout: 5_000 }).toMatchObject({ enabled: false, disabled_reason: 'failing' })
  expect((await api('GET', `/${id}/deliveries?status=pending`)).body.data).toEqual([])
  const log = (await plane.call('GET', 'audit-log?action=webhook.disabled', undefined, { key })).body.data
  expect(log).toMatchObject([{ action: 'webhook.disabled', resource_id: id }])
  expect((await api('POST', `/${id}/test`)).status).toBe(409)
  expect((await api('PATCH', `/${id}`, { enabled: true })).body.data).toMatchObject({ enabled: true, failing_since: null })
})

test('what is asked for is checked: projects, address, number; a key for some projects sees none', async () => {
  const theirs = await makeProject(plane, { key: await makeTenant(plane), enable: true })
  for (const project_ids of [[theirs], ['nonsense'], [projects[0], theirs]]) {
    const answer = await api('POST', '', { url: 'https://93.184.216.34', project_ids })
    expect([answer.status, answer.body.error.details?.[0]?.field]).toEqual([422, 'project_ids'])
  }
  expect((await api('POST', '', { url: 'https://10.0.0.1/hook' })).status).toBe(422)
  // Two dozen at once: no more than twenty are made.
  const made = await Promise.all(Array.from({ length: 24 }, (_, i) => api('POST', '', { url: `https://93.184.216.34/${i}` })))
  expect(made.filter(({ status }) => status === 201)).toHaveLength(20)
  const wanted = { name: 'limited', scopes: ['webhooks.manage'], project_ids: [projects[0]] }
  const limited = (await plane.call('POST', 'api-keys', wanted, { key })).body.data
  expect((await api('GET', '', undefined, limited.key ?? limited.secret)).status).toBe(403)
})
