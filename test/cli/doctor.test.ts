import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { testCommandLine, type TestCommandLine } from './run-portico.js'

interface Check {
  name: string
  status: string
  message: string
  fix: string | null
}

let product: RunningProduct
let cli: TestCommandLine
let mute: Server
let muteUrl: string

beforeAll(async () => {
  product = await startProduct()
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key, DATA_PLANE_PUBLIC_URL: product.dataUrl })
  mute = createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done))
  muteUrl = `127.0.0.1:${(mute.address() as AddressInfo).port}`
})
afterAll(async () => {
  mute?.close()
  cli?.remove()
  await product?.stop()
})

async function doctor(
  env: Record<string, string>,
): Promise<{ code: number | null; check: (name: string) => Check | undefined; text: string }> {
  const { code, stdout } = await cli.portico(['doctor', '--json'], { env })
  const { data } = JSON.parse(stdout) as { data: Check[] }
  return { code, check: (name) => data.find((each) => each.name === name), text: stdout }
}

test('a healthy product passes, and nothing secret is printed', async () => {
  const { redisUrl } = inject('servers')
  const { code, check, text } = await doctor({ DATABASE_URL: product.control.database.url, ...(redisUrl ? { REDIS_URL: redisUrl } : {}) })
  for (const name of ['configuration', 'control plane', 'api key', 'data plane', 'database', 'clock'])
    expect(check(name)).toMatchObject({ name, status: 'ok', fix: null })
  // What the control plane says of the others: a worker at work, mail that goes out, nobody yet who owns the console.
  await expect.poll(async () => (await doctor({})).check('worker')?.status, { timeout: 10_000 }).toBe('ok')
  expect(check('mail')?.status).toBe('ok')
  expect(check('console')).toMatchObject({ status: 'warning', fix: expect.stringContaining('set-up code') })
  expect(check('redis')?.status).toBe(redisUrl ? 'ok' : 'skipped')
  expect(check('resend')?.status).toBe('skipped')
  expect(code).toBe(0)
  expect(text).not.toContain(product.key)
})

test('what is wrong is named, with what to do, and the exit code is of its kind', async () => {
  const lost = await doctor({ DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x' })
  expect(lost.check('database')).toMatchObject({ status: 'failed', fix: expect.stringContaining('PostgreSQL') })
  expect(lost.code).toBe(2)
  expect(lost.text).not.toContain('hunter2')

  const wrong = await doctor({ DATABASE_URL: `postgres://${muteUrl}/x`, REDIS_URL: `redis://${muteUrl}` })
  expect(wrong.check('database')?.message).toContain('not PostgreSQL')
  expect(wrong.check('redis')).toMatchObject({ status: 'failed' })

  const refused = await doctor({ PORTICO_API_KEY: 'msk_test_wrong' })
  expect(refused.check('api key')).toMatchObject({ status: 'failed' })
  expect(refused.code).toBe(3)

  const half = await doctor({ RESEND_API_KEY: 're_x', PORTICO_MASTER_KEY: 'short', DATA_PLANE_PUBLIC_URL: 'http://no-such-host.invalid' })
  expect(half.check('configuration')?.message).toMatch(/PORTICO_MASTER_KEY.*RESEND_FROM_APP_AUTH/)
  expect(half.check('resend')).toMatchObject({ status: 'failed', fix: expect.stringContaining('verified at Resend') })
  expect(half.check('dns')?.message).toContain('no-such-host.invalid')
  expect(half.code).toBe(1)
})

test('an upgrade: which release runs where, and what is not there yet', async () => {
  const port = new URL(product.workerUrl).port
  const releases = async (env: Record<string, string>) => {
    const { code, stdout } = await cli.portico(['doctor', '--upgrade', '--json'], { env })
    return { code, checks: (JSON.parse(stdout) as { data: Check[] }).data }
  }
  const whole = await releases({ WORKER_PORT: port })
  expect(whole.checks.map(({ name, status }) => [name, status])).toEqual(
    ['control plane', 'data plane', 'worker', 'command'].map((name) => [name, 'ok']),
  )
  expect(whole.code).toBe(0)

  const older = createServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 33\r\n\r\n{"status":"ok","version":"0.0.9"}')),
  )
  await new Promise<void>((done) => older.listen(0, '127.0.0.1', done))
  const half = await releases({ WORKER_PORT: String((older.address() as AddressInfo).port) })
  older.close()
  expect(half.checks.find(({ name }) => name === 'worker')).toMatchObject({ status: 'warning', message: expect.stringContaining('0.0.9') })
})

test('for people every finding has its line, and every problem its remedy', async () => {
  const { stdout } = await cli.portico(['doctor'], { env: { REDIS_URL: 'redis://127.0.0.1:1' } })
  expect(stdout).toMatch(/^✓ control plane {2,}http/m)
  expect(stdout).toMatch(/^✗ redis .*\n +→ Start Redis/m)
})
