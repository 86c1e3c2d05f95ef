import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { startEmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { migrate } from '@portico/database/migrate'
import type { TestProject } from 'vitest/node'
import { withAdmin } from './admin-client.js'
import { startRedis } from './redis-server.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const RUN_PREFIX = 'portico-test-'

export interface TestServers {
  /** Owner (superuser) of the run's PostgreSQL, database `postgres`-like; every test database hangs off it. */
  adminUrl: string
  /** A migrated template database without connections. */
  template: string
  /** Null when no redis-server could be found: the tests of that backend are skipped, and the closing line says so. */
  redisUrl: string | null
  /** 32 bytes, base64; role passwords are derived from it. */
  masterKey: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: TestServers
  }
}

/** One PostgreSQL and one Redis for the run, on private ports and in a private folder. `PORTICO_TEST_SERVERS=off` skips both. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env['PORTICO_TEST_SERVERS'] === 'off') return async () => {}
  await sweepAbandonedRuns()
  const folder = await mkdtemp(join(tmpdir(), RUN_PREFIX))
  // As root PostgreSQL runs as another account: let it in, or its cluster would be put, and left, outside this folder.
  await chmod(folder, 0o711)
  await writeFile(join(folder, 'owner.pid'), String(process.pid))
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const teardown = async () => {
    for (const step of undo.toReversed()) await step()
  }
  try {
    const adminUrl = process.env['TEST_DATABASE_URL'] ?? (await startPostgres(folder, undo))
    const redisUrl = process.env['TEST_REDIS_URL'] ?? (await startPrivateRedis(folder, undo))
    const masterKey = randomBytes(32)
    const template = `portico_template_${randomBytes(4).toString('hex')}`
    await withAdmin(adminUrl, (client) => client.query(`create database ${template}`))
    undo.push(() => withAdmin(adminUrl, (client) => client.query(`drop database if exists ${template} with (force)`)))
    if (existsSync(PRISMA)) {
      const url = new URL(adminUrl)
      url.pathname = `/${template}`
      const roles = ['portico_data', 'portico_control', 'portico_worker']
      await migrate({
        url: url.href,
        prismaDir: PRISMA,
        canary: new MasterKeyCanary({ current: masterKey }),
        rolePasswords: Object.fromEntries(roles.map((role) => [role, deriveRolePassword(masterKey, role)])),
      })
    }
    project.provide('servers', { adminUrl, template, redisUrl, masterKey: masterKey.toString('base64') })
  } catch (error) {
    await teardown()
    throw error
  }
  return teardown
}

async function startPostgres(folder: string, undo: (() => Promise<unknown>)[]): Promise<string> {
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), fsync: false, settings: { max_connections: '300' } })
  undo.push(() => server.stop())
  return server.url
}

async function startPrivateRedis(folder: string, undo: (() => Promise<unknown>)[]): Promise<string | null> {
  const dir = join(folder, 'redis')
  await mkdir(dir)
  const server = await startRedis({ dir })
  if (server) undo.push(() => server.stop())
  return server?.url ?? null
}

/** A run that was killed leaves its servers behind; their folder says who owned them. */
async function sweepAbandonedRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(RUN_PREFIX)) continue
    const folder = join(tmpdir(), name)
    const owner = Number(await readFile(join(folder, 'owner.pid'), 'utf8').catch(() => '0'))
    if (!(owner > 0) || alive(owner)) continue
    for (const pidFile of ['postgres/postgres/data/postmaster.pid', 'redis/redis.pid']) {
      const pid = Number((await readFile(join(folder, pidFile), 'utf8').catch(() => '0')).split('\n')[0])
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (pid > 0 && command.includes(pidFile.startsWith('redis') ? 'redis-server' : folder)) process.kill(pid, 'SIGQUIT')
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
