import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, connect, type AddressInfo, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, testMasterKey, type TestDatabase } from '../support/postgres.js'
import { freePort } from '../support/redis-server.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
let database: TestDatabase
let child: ChildProcess
let way: Server | undefined

beforeAll(async () => void (database = await createTestDatabase()))
afterAll(async () => {
  child?.kill('SIGKILL')
  way?.close()
  await database.drop()
})

/** What systemd and a container run, and what it said. */
function migrate(url: string) {
  const env = { PATH: process.env['PATH'], DATABASE_URL: url, PORTICO_MASTER_KEY: testMasterKey().toString('base64') }
  child = spawn(process.execPath, ['scripts/migrate.mjs', '--wait'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  return { said, ended }
}

test('migrate --wait waits for a database that is away, and goes on when it is there', { timeout: 60_000 }, async () => {
  const port = await freePort()
  const url = new URL(database.url)
  const there = { host: url.hostname, port: Number(url.port) }
  Object.assign(url, { hostname: '127.0.0.1', port: String(port) })
  const { said, ended } = migrate(url.href)
  await expect.poll(() => said.text, { timeout: 30_000 }).toBe('waiting for the database: nobody listens at the address\n')
  way = createServer((socket) => {
    const onward = connect(there)
    for (const end of [socket, onward]) end.on('error', () => undefined)
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>((done) => way!.listen(port, '127.0.0.1', done))
  expect((way.address() as AddressInfo).port).toBe(port)
  expect([await ended, said.text]).toEqual([0, 'waiting for the database: nobody listens at the address\nnothing to apply\n'])
})

test('what is refused ends it at once', { timeout: 60_000 }, async () => {
  const url = new URL(database.url)
  url.pathname = '/no_such_database'
  const { said, ended } = migrate(url.href)
  expect([await ended, said.text]).toEqual([1, expect.stringContaining('no_such_database')])
})
