import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../../test/support/admin-client.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-embedded-'))
  await chmod(folder, 0o711)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fast = { fsync: false } as const
const readState = async (dataDir: string) =>
  JSON.parse(await readFile(join(dataDir, 'embedded-postgres.json'), 'utf8')) as { home: string; port: number; password: string }

test('a second start finds the data and the port of the first', async () => {
  const dataDir = join(folder, 'again')
  const first = await startEmbeddedPostgres({ dataDir, ...fast })
  await withAdmin(first.url, (client) => client.query('create table kept as select 42 as n'))
  await first.stop()
  await first.exited
  const second = await startEmbeddedPostgres({ dataDir, ...fast })
  try {
    expect(second.port).toBe(first.port)
    expect(second.url).toBe(first.url)
    expect(new URL(second.url).pathname).toBe('/portico')
    expect(await withAdmin(second.url, async (client) => (await client.query('select n from kept')).rows)).toEqual([{ n: 42 }])
  } finally {
    await second.stop()
  }
})

test('it listens on the loopback only, wants the password, and keeps it for the owner of the data directory', async () => {
  const dataDir = join(folder, 'closed')
  const server = await startEmbeddedPostgres({ dataDir, ...fast, settings: { max_connections: '37' } })
  try {
    const settings = await withAdmin(server.url, async (client) =>
      (await client.query("select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'max_connections', 'password_encryption') order by name")).rows,
    )
    expect(settings).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'max_connections', setting: '37' },
      { name: 'password_encryption', setting: 'scram-sha-256' },
      { name: 'unix_socket_directories', setting: '' },
    ])
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    await expect(withAdmin(wrong.href, async () => {})).rejects.toThrow('password authentication failed')
    expect((await stat(join(dataDir, 'embedded-postgres.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(join((await readState(dataDir)).home, 'data'))).mode & 0o777).toBe(0o700)
  } finally {
    await server.stop()
  }
})

test('a server that a killed process left running is taken over and can be stopped', async () => {
  const dataDir = join(folder, 'orphan')
  const first = await startEmbeddedPostgres({ dataDir, ...fast })
  const second = await startEmbeddedPostgres({ dataDir, ...fast })
  expect(second.url).toBe(first.url)
  await second.stop()
  await first.exited
  await expect(withAdmin(first.url, async () => {})).rejects.toThrow()
})

test('a pid file left by a crash does not block the start, even when its pid now belongs to something else', async () => {
  const dataDir = join(folder, 'stale')
  const first = await startEmbeddedPostgres({ dataDir, ...fast })
  const { home } = await readState(dataDir)
  const pidFile = join(home, 'data', 'postmaster.pid')
  const content = await readFile(pidFile, 'utf8')
  await first.stop()
  await writeFile(pidFile, [process.pid, ...content.split('\n').slice(1)].join('\n'))
  const second = await startEmbeddedPostgres({ dataDir, ...fast })
  await second.stop()
})

test('another port is taken when the stored one is busy; a port that was asked for is not replaced', async () => {
  const dataDir = join(folder, 'busy')
  const blocker = await startEmbeddedPostgres({ dataDir: join(folder, 'blocker'), ...fast })
  try {
    await expect(startEmbeddedPostgres({ dataDir, port: blocker.port, ...fast })).rejects.toThrow(
      /did not start[\s\S]*Address already in use/,
    )
    expect((await readState(dataDir)).port).toBe(blocker.port)
    const server = await startEmbeddedPostgres({ dataDir, ...fast })
    expect(server.port).not.toBe(blocker.port)
    await server.stop()
  } finally {
    await blocker.stop()
  }
})

test('a server setting that PostgreSQL refuses stops the start with its log', async () => {
  await expect(startEmbeddedPostgres({ dataDir: join(folder, 'refused'), settings: { nonsense_setting: '1' } })).rejects.toThrow(
    /did not start[\s\S]*nonsense_setting/,
  )
})

test.runIf(process.getuid?.() === 0)(
  'as root under a home that only root may enter, the cluster lies elsewhere and a note says where',
  async () => {
    const home = join(folder, 'root-home')
    await mkdir(home, { mode: 0o700 })
    const dataDir = join(home, 'project', '.portico')
    const server = await startEmbeddedPostgres({ dataDir, ...fast })
    await server.stop()
    const state = await readState(dataDir)
    expect(state.home.startsWith('/var/lib/portico/')).toBe(true)
    expect(await readFile(join(dataDir, 'where-is-the-database.txt'), 'utf8')).toContain(state.home)
    await rm(state.home, { recursive: true })
  },
)
