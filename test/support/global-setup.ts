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
import { carriesStatements, startPgbouncer } from './pgbouncer.js'
import { startRedis } from './redis-server.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const RUN_PREFIX = 'portico-test-'
const ROLES = ['portico_data', 'portico_control', 'portico_worker']

export interface TestServers {
  /** Owner (superuser) of the run's PostgreSQL, database `postgres`-like; every test database hangs off it. */
  adminUrl: string
  /** A migrated template database without connections. */
  template: string
  /** Null when no redis-server could be found: the tests of that backend are skipped, and the closing line says so. */
  redisUrl: string | null
  /** 32 bytes, base64; role passwords are derived from it. */
  masterKey: string
  /** Of a pgbouncer in transaction mode that the services go through (`TEST_POOLER=1`); the tests themselves do not. */
  poolerPort: number | null
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
    const passwords = Object.fromEntries(ROLES.map((role) => [role, deriveRolePassword(masterKey, role)]))
    const template = `portico_template_${randomBytes(4).toString('hex')}`
    await withAdmin(adminUrl, (client) => client.query(`create database ${template}`))
    undo.push(() => withAdmin(adminUrl, (client) => client.query(`drop database if exists ${template} with (force)`)))
    if (existsSync(PRISMA)) {
      const url = new URL(adminUrl)
      url.pathname = `/${template}`
      await migrate({
        url: url.href,
        prismaDir: PRISMA,
        canary: new MasterKeyCanary({ current: masterKey }),
        rolePasswords: passwords,
      })
    }
    const poolerPort = process.env['TEST_POOLER'] === '1' ? await startPooler(adminUrl, passwords, undo) : null
    project.provide('servers', { adminUrl, template, redisUrl, masterKey: masterKey.toString('base64'), poolerPort })
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

/** Small pools that are soon given back: every test file has a database of its own, and the server 300 connections. */
async function startPooler(adminUrl: string, passwords: Record<string, string>, undo: (() => Promise<unknown>)[]): Promise<number> {
  if (!carriesStatements) throw new Error('TEST_POOLER=1 needs pgbouncer 1.21 or newer on the PATH: older ones lose prepared statements')
  const owner = new URL(adminUrl)
  const users = { ...passwords, [decodeURIComponent(owner.username)]: decodeURIComponent(owner.password) }
  const pooler = await startPgbouncer(adminUrl, { mode: 'transaction', users, size: 6, idleSeconds: 5 })
  undo.push(() => pooler.stop())
  return pooler.port
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
