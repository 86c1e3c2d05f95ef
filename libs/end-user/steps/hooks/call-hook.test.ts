import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { SealedBox } from '@portico/crypto/sealed-box'
import { newWebhookSecret, sealSecrets } from '@portico/crypto/webhook-secret'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { systemClock } from '@portico/kernel/clock'
import { systemEntropy } from '@portico/kernel/entropy'
import { HOOK_NAMES, type StoredHook } from '@portico/kernel/hooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CallHook } from './call-hook.js'

/** Of those that are to be too slow; the others have the time that a busy machine takes. */
const SHORT_MS = 200
const LONG_MS = 20_000
const PROJECT = '8a3f6a1e-6f0e-4a7e-9a51-0d6a4c0a7f11'
const scope = { projectId: PROJECT, tenantId: '8a3f6a1e-6f0e-4a7e-9a51-0d6a4c0a7f12' } as unknown as ProjectScope
const box = new SealedBox({ current: Buffer.alloc(32, 7) })
const allow = JSON.stringify({ decision: 'allow' })
let asked = 0
let answer: (response: ServerResponse) => void
const server = createServer((request, response) => {
  asked += 1
  request.resume().on('end', () => answer(response))
})
let notes: unknown[][]
const note = async (_scope: unknown, { values }: { values: unknown[] }) => (notes.push(values), [{ news: true }])
const db = { call: note } as unknown as ProjectDb
let url: string

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked = 0
  notes = []
})

const caller = (tryMs = LONG_MS) => new CallHook(db, box, systemClock, systemEntropy, { allowLoopback: true, tryMs })
const hook = (id = systemEntropy.uuid()): StoredHook => ({
  id, url, onFailure: 'deny',
  secretSealed: sealSecrets(box, PROJECT, id, { current: newWebhookSecret(systemEntropy), previous: null }),
})
const json = (response: ServerResponse, body: string, headers: Record<string, string> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

test.each<[string, string, number, (response: ServerResponse) => void]>([
  ['drips past its time', 'too_slow', 2, drip],
  ['never answers', 'too_slow', 2, () => undefined],
  ['hangs up', 'unreachable', 2, (response) => response.destroy()],
  ['hangs up in the middle', 'unreachable', 2, (response) => response.writeHead(200, { 'content-length': '50' }).write('{', () => response.destroy())],
  ['is broken', 'unreachable', 2, (response) => response.writeHead(502).end()],
  ['redirects', 'refused', 1, (response) => response.writeHead(307, { location: url }).end(allow)],
  ['does not know us', 'refused', 1, (response) => response.writeHead(401).end(allow)],
  ['has nothing to say', 'invalid_answer', 1, (response) => response.writeHead(204).end()],
  ['answers without an end', 'too_large', 1, (response) => json(response, `{"decision":"allow","message":"${'x'.repeat(70_000)}"}`)],
  ['answers a bomb', 'invalid_answer', 1, (response) => json(response, gzipSync(Buffer.alloc(5_000_000, 0x20)) as never, { 'content-encoding': 'gzip' })],
  ['answers compressed, without saying so', 'invalid_answer', 1, (response) => json(response, gzipSync(allow) as never)],
  ['shows a page', 'invalid_answer', 1, (response) => json(response, allow, { 'content-type': 'text/html' })],
  ['shows text', 'invalid_answer', 1, (response) => json(response, allow, { 'content-type': 'text/plain; charset=utf-8' })],
  ['answers something else', 'invalid_answer', 1, (response) => json(response, '{"ok":true}')],
])('an endpoint that %s has not answered: %s', async (_what, reason, tries, say) => {
  answer = say
  const call = caller(reason === 'too_slow' ? SHORT_MS : LONG_MS)
  expect(await call.execute(scope, 'before_sign_in', hook(), {})).toEqual({ kind: 'failed', reason })
  expect(asked).toBe(tries)
})

test.each(HOOK_NAMES)('%s is asked and answered, said to be JSON or not said to be anything', async (name) => {
  for (const headers of [{ 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'application/hal+json' }, {}]) {
    answer = (response) => response.writeHead(200, headers).end(allow)
    expect(await caller().execute(scope, name, hook(), {})).toMatchObject({ kind: 'answered', decision: { allow: true } })
  }
})

test('of twenty at once at an endpoint that fails: five open the circuit, which is noted once, and nobody asks any more', async () => {
  answer = (response) => response.writeHead(401).end()
  const [call, one] = [caller(), hook()]
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => call.execute(scope, 'before_sign_in', one, {})))
  expect(outcomes.every(({ kind }) => kind === 'failed')).toBe(true)
  expect(notes.map(([id, failing]) => [id, failing])).toEqual([[one.id, true]])
  asked = 0
  const more = await Promise.all(Array.from({ length: 20 }, () => call.execute(scope, 'before_sign_in', one, {})))
  expect(new Set(more.map((outcome) => outcome.kind === 'failed' && outcome.reason))).toEqual(new Set(['circuit_open']))
  expect(asked).toBe(0)
  // Another hook of the same project is asked.
  answer = (response) => json(response, allow)
  expect(await call.execute(scope, 'before_sign_up', hook(), {})).toMatchObject({ kind: 'answered' })
})
