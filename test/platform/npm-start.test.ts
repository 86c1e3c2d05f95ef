import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, test } from 'vitest'
import { createTestDatabase } from '../support/postgres.js'
import { freePort } from '../support/redis-server.js'

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
const PORTS = ['CONTROL_PLANE_PORT', 'CONTROL_PLANE_METRICS_PORT', 'DATA_PLANE_PORT', 'DATA_PLANE_METRICS_PORT', 'WORKER_PORT'] as const

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function start(env: Record<string, string>) {
  const ports = Object.fromEntries(await Promise.all(PORTS.map(async (name) => [name, String(await freePort())] as const))) as Record<
    (typeof PORTS)[number],
    string
  >
  const folder = mkdtempSync(join(tmpdir(), 'portico-start-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORTICO_DATA_DIR: folder, ...ports, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((done) => child.once('close', done))
  undo.push(async () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await exited
  })
  return { child, exited, ports: { ...ports, ...env }, output: () => output }
}

test.each(PORTS)('a taken %s is told by name before anything is built or started', { timeout: 30_000 }, async (name) => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  undo.push(() => new Promise((done) => server.close(done)))
  const { port } = server.address() as { port: number }
  const { exited, output } = await start({ [name]: String(port) })
  expect(await exited).toBe(1)
  expect(output()).toMatch(new RegExp(`Port ${port} for the .*in use.*${name}\\.`))
  expect(output().trim().split('\n')).toHaveLength(1)
})

test('metrics answer on ports of their own and not on the public ones, and the supervisor stays small', { timeout: 120_000 }, async () => {
  const database = await createTestDatabase()
  undo.push(() => database.drop())
  const { child, ports, output } = await start({ DATABASE_URL: database.url, PORTICO_MASTER_KEY: inject('servers').masterKey })
  await expect.poll(output, { timeout: 100_000, interval: 200 }).toContain('Portico is ready')
  const get = async (name: (typeof PORTS)[number]) => {
    const answer = await fetch(`http://127.0.0.1:${ports[name]}/metrics`)
    return [answer.status, (await answer.text()).includes('http_requests_total')]
  }
  for (const name of ['CONTROL_PLANE_PORT', 'DATA_PLANE_PORT'] as const) expect([name, await get(name)]).toEqual([name, [404, false]])
  for (const name of ['CONTROL_PLANE_METRICS_PORT', 'DATA_PLANE_METRICS_PORT', 'WORKER_PORT'] as const)
    expect([name, await get(name)]).toEqual([name, [200, true]])
  const status = `/proc/${child.pid}/status`
  // Compilers and bundlers, were they in this process, leave many times as much behind.
  if (existsSync(status)) expect(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) / 1024).toBeLessThan(200)
})
