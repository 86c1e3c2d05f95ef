import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFakeResend, type FakeResend } from '../../../test/support/fake-resend.js'
import { ResendSender } from './resend-sender.js'

let provider: FakeResend
let sender: ResendSender
beforeEach(async () => {
  provider = await startFakeResend()
  sender = new ResendSender({
    apiKey: provider.apiKey,
    from: 'Portico <no-reply@example.com>',
    baseUrl: `${provider.url}/`,
    timeoutMs: 300,
  })
})
afterEach(() => provider.close())

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' }
const key = { idempotencyKey: '3c2f9e0e-6a5e-4a55-9a86-5a6a3b8f3a01' }

test('a mail that was taken gives the id of the provider, and carries key, sender and the header against robots', async () => {
  const result = await sender.send(mail, key)
  expect(result).toEqual({ kind: 'sent', providerId: provider.mails[0]?.id })
  expect(provider.mails[0]).toMatchObject({
    ...mail,
    from: 'Portico <no-reply@example.com>',
    idempotencyKey: key.idempotencyKey,
    headers: { 'Auto-Submitted': 'auto-generated' },
  })
})

test('the same mail again under the same key is one mail; another mail under it is refused for good', async () => {
  const first = await sender.send(mail, key)
  expect(await sender.send(mail, key)).toEqual(first)
  expect(provider.mails).toHaveLength(1)
  expect(provider.attempts[0]?.body).toBe(provider.attempts[1]?.body)
  expect(await sender.send({ ...mail, text: 'other' }, key)).toMatchObject({ kind: 'rejected', code: 'invalid_idempotent_request' })
})

test('overload is worth another try, after the time the provider asks for', async () => {
  provider.next(1, { kind: 'status', status: 429, retryAfterSeconds: 7 })
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'retry', code: 'rate_limit_exceeded', retryAfterSeconds: 7 })
  provider.next(1, { kind: 'status', status: 503, retryAfterSeconds: 99_999 })
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'retry', code: 'internal_server_error', retryAfterSeconds: 3_600 })
})

test.each([
  { fault: { kind: 'status', status: 500 }, code: 'internal_server_error' },
  { fault: { kind: 'status', status: 409, name: 'concurrent_idempotent_requests' }, code: 'concurrent_idempotent_requests' },
  { fault: { kind: 'malformed_json' }, code: 'no_answer' },
  { fault: { kind: 'malformed_json', status: 502 }, code: 'application_error' },
  { fault: { kind: 'reset' }, code: 'no_answer' },
] as const)('$fault is worth another try', async ({ fault, code }) => {
  provider.next(1, fault)
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'retry', code })
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'sent' })
})

test.each([
  { status: 422, name: 'validation_error' },
  { status: 400, name: 'invalid_idempotency_key' },
  { status: 451, name: 'security_error' },
])('$status $name is final', async ({ status, name }) => {
  provider.next(1, { kind: 'status', status, name })
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'rejected', code: name })
})

test.each([
  { fault: { kind: 'status', status: 403, name: 'invalid_api_key' }, code: 'invalid_api_key' },
  { fault: { kind: 'status', status: 403, name: 'validation_error' }, code: 'validation_error' },
  { fault: { kind: 'status', status: 401, name: 'Bad Name!' }, code: 'http_401' },
  { fault: { kind: 'status', status: 422, name: 'invalid_from_address' }, code: 'invalid_from_address' },
] as const)('$fault is the fault of the sender, whatever the mail', async ({ fault, code }) => {
  provider.next(1, fault)
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'sender_refused', code })
})

test('a wrong API key is the fault of the sender, and found out without a mail', async () => {
  const wrong = new ResendSender({ apiKey: 're_other', from: 'a@example.com', baseUrl: provider.url })
  expect(await wrong.send(mail, key)).toMatchObject({ kind: 'sender_refused', code: 'invalid_api_key' })
  expect(await wrong.check()).toMatchObject({ ok: false, code: 'invalid_api_key' })
  expect(await sender.check()).toEqual({ ok: true })
})

test('a provider that takes the mail and never answers is given up on in time; the next try does not send twice', async () => {
  provider.next(1, { kind: 'hang_after_accepting' })
  const since = Date.now()
  expect(await sender.send(mail, key)).toMatchObject({ kind: 'retry', code: 'no_answer' })
  expect(Date.now() - since).toBeLessThan(1_500)
  expect(await sender.send(mail, key)).toEqual({ kind: 'sent', providerId: provider.mails[0]?.id })
  expect(provider.mails).toHaveLength(1)
})

test('mails share connections, and one that the provider closed meanwhile is replaced', async () => {
  const ports = new Set<number | undefined>()
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort)
    request.resume().on('end', () => response.end('{"id":"one"}'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const local = new ResendSender({
    apiKey: 're_x',
    from: 'a@example.com',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  for (let count = 0; count < 10; count += 1) expect(await local.send(mail, key)).toEqual({ kind: 'sent', providerId: 'one' })
  expect(ports.size).toBe(1)
  server.closeIdleConnections()
  await new Promise((done) => setTimeout(done, 50))
  expect(await local.send(mail, key)).toEqual({ kind: 'sent', providerId: 'one' })
  expect(ports.size).toBe(2)
  server.closeAllConnections()
  server.close()
})

test.each([
  ['drips', (response: ServerResponse) => void setInterval(() => response.write(' '), 20).unref()],
  ['is endless', (response: ServerResponse) => void response.write('x'.repeat(100_000))],
  ['breaks off', (response: ServerResponse) => void (response.write('{'), setTimeout(() => response.destroy(), 20))],
])('an answer that %s is no answer', async (_, answer) => {
  const server = createServer((request, response) => void request.resume().on('end', () => answer(response)))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const local = new ResendSender({
    apiKey: 're_x',
    from: 'a@example.com',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMs: 300,
  })
  expect(await local.send(mail, key)).toMatchObject({ kind: 'retry', code: 'no_answer' })
  server.closeAllConnections()
  server.close()
})

test('a refused connection is retried', async () => {
  const lonely = new ResendSender({ apiKey: 're_x', from: 'a@example.com', baseUrl: 'http://127.0.0.1:1' })
  expect(await lonely.send(mail, key)).toMatchObject({ kind: 'retry', code: 'no_answer' })
})
