import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { startEmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { createLogger } from '@portico/http/request-log'
import { describe, expect, test } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { withAdmin } from '../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { debianPostgresIsThere, startDebianPostgres } from '../support/debian-postgres.js'
import { workerConfig } from '../support/mail-fixture.js'
import { testMasterKey, wantedPostgres, type TestDatabase } from '../support/postgres.js'
import { startTenantPooler } from '../support/tenant-pooler.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const databaseAt = (url: string): TestDatabase => ({ url, databaseName: 'portico', roleUrl: () => url, drop: async () => undefined })

interface Server {
  /** Of a superuser. */
  url: string
  stop(): Promise<void>
}

/** As a managed one is: its superuser is the provider's, and passwords are asked for. */
const servers: { name: string; there: boolean; start: () => Promise<Server> }[] = [
  { name: "Debian's PostgreSQL 15", there: debianPostgresIsThere, start: () => startDebianPostgres({ asksPasswords: true }) },
  {
    name: wantedPostgres.programs ?? 'the PostgreSQL 18 that comes with npm',
    there: true,
    start: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'portico-managed-'))
      await chmod(folder, 0o711)
      const server = await startEmbeddedPostgres({ dataDir: folder, fsync: false, ...wantedPostgres })
      const stop = async () => {
        await server.stop()
        await rm(folder, { recursive: true, force: true })
      }
      return { url: server.url, stop }
    },
  },
]

const script = (url: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, ['scripts/migrate.mjs', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], DATABASE_URL: url, PORTICO_MASTER_KEY: testMasterKey().toString('base64') },
  })

/** A database of its own for an owner with these rights. */
async function ownedDatabase(server: Server, owner: string, rights: string): Promise<string> {
  await withAdmin(server.url, async (client) => {
    await client.query(`create role ${owner} login password 'pw' nosuperuser ${rights}`)
    await client.query(`create database ${owner} owner ${owner}`)
  })
  return Object.assign(new URL(server.url), { username: owner, password: 'pw', pathname: `/${owner}` }).href
}

/** All three services, by whatever leads there. */
async function live(url: string): Promise<void> {
  const database = databaseAt(url)
  const control = await startControlPlane({ beside: { database, key: `msk_live_${'c'.repeat(43)}` } as TestControlPlane })
  const plane = await startDataPlane(database)
  const worker = await startWorker({
    config: workerConfig(database, {}),
    logger: createLogger({ service: 'worker', level: 'silent' }),
    printLine: () => {},
  })
  try {
    const base = `${plane.url}/${await makeProject(control, { enable: true })}`
    const { email } = await signUp(base)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    await expect.poll(async () => (await worker.server.inject('/health/ready')).statusCode).toBe(200)
  } finally {
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
    await Promise.all([plane.close(), control.stop()])
  }
}

describe.each(servers)('an owner without superuser on $name', ({ there, start }) => {
  test.skipIf(!there)('with CREATEROLE: migrate makes the roles, and again has nothing to do', { timeout: 60_000 }, async () => {
    const server = await start()
    try {
      const url = await ownedDatabase(server, 'modest', 'createrole')
      expect((await script(url)).stdout).toMatch(/^applied /)
      expect((await script(url)).stdout).toBe('nothing to apply\n')
      const plane = await startDataPlane(databaseAt(url))
      expect((await call(`${plane.url}/health/ready`)).status).toBe(200)
      await plane.close()
    } finally {
      await server.stop()
    }
  })

  test.skipIf(!there)('without it: roles made beforehand, by names with a tenant behind them too', { timeout: 60_000 }, async () => {
    const server = await start()
    const { hostname, port } = new URL(server.url)
    const pooler = await startTenantPooler({ host: hostname, port: Number(port) }, 'acme')
    try {
      const url = await ownedDatabase(server, 'humble', 'nocreaterole')
      await expect(script(url)).rejects.toThrow(/permission denied to create role|must have CREATEROLE|permission denied/)
      const { stdout } = await script(url, '--print-roles')
      expect(stdout).not.toContain(deriveRolePassword(testMasterKey(), 'portico_data'))
      await withAdmin(server.url, (client) => client.query(stdout))
      // As whoever sits behind a pooler of many tenants: every role is `role.acme`.
      const tenanted = Object.assign(new URL(url), { username: 'humble.acme', hostname: '127.0.0.1', port: String(pooler.port) }).href
      expect((await script(tenanted)).stdout).toMatch(/^applied /)
      expect((await script(tenanted)).stdout).toBe('nothing to apply\n')
      await live(tenanted)
      expect([...pooler.users].toSorted()).toEqual(['humble.acme', 'portico_control.acme', 'portico_data.acme', 'portico_worker.acme'])
      // Somebody else's password is told, and nothing was changed by then.
      await withAdmin(server.url, (client) => client.query(`alter role portico_data password 'other'`))
      await expect(script(url)).rejects.toThrow(/may not change role portico_data.*--print-roles/s)
      expect(readFileSync(join(ROOT, 'docs/high-availability.md'), 'utf8')).toContain('node scripts/migrate.mjs --print-roles')
    } finally {
      pooler.stop()
      await server.stop()
    }
  })
})
