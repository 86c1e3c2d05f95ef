import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { unprivilegedAccount } from '@portico/dev-database/account'
import { withAdmin } from './admin-client.js'
import { freePort } from './redis-server.js'

/** Server and client programs of one version, which the embedded PostgreSQL has not: it brings no pg_dump. */
const PROGRAMS = '/usr/lib/postgresql/15/bin'

export const debianPostgresIsThere = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'].every((name) =>
  existsSync(join(PROGRAMS, name)),
)

export interface DebianPostgres {
  /** Of a superuser, database `portico`, empty. */
  url: string
  port: number
  /** With pg_dump, pg_restore and psql in front. */
  path: string
  /** As if the machine were gone. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface DebianPostgresOptions {
  settings?: Record<string, string>
  /** Of its folder, which the server's account reads alone: name to content. */
  files?: Record<string, string>
  /** Passwords are asked for; everybody is let in otherwise. */
  asksPasswords?: boolean
  /** A standby that follows this server, with its data. */
  follows?: DebianPostgres
}

/** A new, empty server of Debian's PostgreSQL 15. */
export async function startDebianPostgres(options: DebianPostgresOptions = {}): Promise<DebianPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-debian-'))
  await chmod(folder, 0o711)
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o700 })
  const account = process.getuid?.() === 0 ? await unprivilegedAccount(data) : null
  if (account) await chown(data, account.uid, account.gid)
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
  const run = (program: string, args: string[]) => promisify(execFile)(join(PROGRAMS, program), args, { cwd: '/', env, ...account })
  if (options.follows) {
    const from = ['-h', '127.0.0.1', '-p', String(options.follows.port), '-U', 'owner']
    await run('pg_basebackup', ['-D', data, ...from, '--checkpoint=fast', '--no-sync', '-R', '-X', 'stream'])
  } else {
    await run('initdb', ['-D', data, '-U', 'owner', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'])
  }
  if (options.asksPasswords) {
    const rules = ['host all owner 127.0.0.1/32 trust', 'host replication owner 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256']
    await writeFile(join(data, 'pg_hba.conf'), `${rules.join('\n')}\n`)
  }
  for (const [name, content] of Object.entries(options.files ?? {})) {
    await writeFile(join(data, name), content, { mode: 0o600 })
    if (account) await chown(join(data, name), account.uid, account.gid)
  }
  const port = await freePort()
  const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', fsync: 'off', ...options.settings }
  const child = spawn(
    join(PROGRAMS, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      cwd: '/',
      env,
      stdio: 'ignore',
      ...account,
    },
  )
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const killWithUs = () => child.kill('SIGQUIT')
  process.once('exit', killWithUs)
  const base = `postgresql://owner@127.0.0.1:${port}`
  for (let tries = 0; ; tries += 1) {
    try {
      await withAdmin(`${base}/postgres`, (client) => client.query(options.follows ? 'select 1' : 'create database portico'))
      break
    } catch (error) {
      if (tries === 200) throw error
      await sleep(50)
    }
  }
  return {
    url: `${base}/portico`,
    port,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    path: `${PROGRAMS}:${process.env['PATH']}`,
    stop: async () => {
      child.kill('SIGINT')
      await exited
      process.off('exit', killWithUs)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
