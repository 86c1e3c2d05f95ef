import type { ChildProcess } from 'node:child_process'
import { verifyWebhook } from '@portico/sdk'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { TRIGGERS } from '../../apps/cli/commands/trigger.js'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { startReceiver, verifyWithTheirs } from '../support/webhook-receiver.js'
import { collect, testCommandLine, type Outcome, type TestCommandLine } from './run-portico.js'

let product: RunningProduct
let cli: TestCommandLine
let receiver: Awaited<ReturnType<typeof startReceiver>>
let project: string
let listening: ChildProcess
let ended: Promise<Outcome>
let printed = ''
let secret: string

beforeAll(async () => {
  product = await startProduct({ mail: 'inbox' })
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key })
  receiver = await startReceiver(({ message }) => (message.type === 'user.disabled' ? 500 : 200))
  project = ((await cli.json(['projects', 'create', 'Hooks'])) as { id: string }).id
  await cli.json(['auth', 'enable', '--project', project, '--providers', 'email', '--settings', '{"organizations": "managed"}'])
  listening = cli.start(['listen', '--forward', receiver.url, '--project', project])
  ended = collect(listening)
  listening.stdout?.on('data', (text: string) => (printed += text))
  secret = await vi.waitFor(() => {
    expect(printed).toMatch(/whsec_\S+/)
    return /whsec_\S+/.exec(printed)![0]
  }, 10_000)
})
afterAll(async () => {
  listening?.kill('SIGKILL')
  await receiver?.close()
  cli?.remove()
  await product?.stop()
})

describe('portico listen', () => {
  test.each(TRIGGERS)('tells of %s, which portico trigger makes', { timeout: 20_000 }, async (type) => {
    const before = receiver.received.length
    const outcome = await cli.portico(['trigger', type, '--project', project])
    // On a busy machine it says what it waits for.
    expect(outcome.code, outcome.stderr).toBe(0)
    await expect.poll(() => receiver.received.slice(before).map(({ message }) => message.type), { timeout: 5000 }).toContain(type)
  })

  test('in messages that verifyWebhook takes, as do the libraries of the field', async () => {
    expect(receiver.received.length).toBeGreaterThan(TRIGGERS.length)
    for (const one of receiver.received) {
      expect(await verifyWebhook(one, secret)).toMatchObject({ projectId: project, type: one.message.type })
      verifyWithTheirs(one, secret)
    }
    await expect(verifyWebhook({ ...receiver.received[0]!, body: '{}' }, secret)).rejects.toThrow('signature')
  })

  test('of the form of a webhook, with the person it is about', () => {
    const created = receiver.received.find(({ message }) => message.type === 'user.created')!
    expect(created.message).toEqual({
      id: created.headers['webhook-id'],
      type: 'user.created',
      version: 1,
      timestamp: expect.stringMatching(/^20\d\d-/),
      project_id: project,
      data: {
        actor: { type: 'api_key', id: expect.any(String) },
        resource: { type: 'end_user', id: expect.any(String) },
        details: expect.any(Object),
        // The person may be gone by the time that the event is told.
        user: created.message.data.user === null ? null : expect.objectContaining({ email_verified: true, disabled: false, metadata: {} }),
      },
    })
  })

  test('prints each with what was answered, and goes on after a refusal', () => {
    expect(printed).toMatch(/user\.created {2}-> {2}200 {2}\(\d+ ms\)/)
    expect(printed).toMatch(/user\.disabled {2}-> {2}500/)
  })

  test('ends with Ctrl-C, without an error', async () => {
    listening.kill('SIGINT')
    expect([(await ended).code, (await ended).stderr]).toEqual([0, ''])
  })
})

test('a key that may not read people is told so once, and messages come without', { timeout: 20_000 }, async () => {
  const { key } = (await cli.json(['keys', 'create', 'listener', '--scope', 'audit:read'])) as { key: string }
  const given = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const env = { PORTICO_API_KEY: key, PORTICO_WEBHOOK_SECRET: given }
  const child = cli.start(['listen', '--forward', receiver.url, '--project', project, '--types', 'user.created'], { env })
  const outcome = collect(child)
  let text = ''
  child.stdout?.on('data', (part: string) => (text += part))
  await expect.poll(() => text, { timeout: 10_000 }).toContain(given)
  const before = receiver.received.length
  await cli.portico(['trigger', 'user.created', '--project', project, '--keep'])
  await expect.poll(() => receiver.received.length, { timeout: 5000 }).toBe(before + 1)
  verifyWithTheirs(receiver.received.at(-1)!, given)
  expect(receiver.received.at(-1)!.message.data.user).toBeNull()
  child.kill('SIGINT')
  expect((await outcome).stderr.match(/users:read/g)).toHaveLength(1)
})

test.each([
  [['listen', '--forward', 'http://'], 'invalid_url'],
  [['listen'], 'usage'],
  [['trigger', 'user.exploded'], 'usage'],
])('portico %j is a usage error', async (args, code) => {
  const outcome = await cli.portico([...args, '--project', project, '--json'])
  expect([outcome.code, JSON.parse(outcome.stderr).error.code]).toEqual([1, code])
})
