import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unprivilegedAccount } from '@portico/dev-database/account'
import { freePort } from './redis-server.js'

/** Of the installed one, as `[major, minor]`; `null` where there is none. */
export const pgbouncerVersion: [number, number] | null = (() => {
  try {
    const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(execFileSync('pgbouncer', ['--version'], { encoding: 'utf8' }))!
    return [Number(major), Number(minor)]
  } catch {
    return null
  }
})()

/** From this one on it carries prepared statements from session to session, when it is told to. */
export const carriesStatements = pgbouncerVersion !== null && (pgbouncerVersion[0] > 1 || pgbouncerVersion[1] >= 21)

export interface Pgbouncer {
  port: number
  /** The given URL by way of the pooler. */
  through(url: string): string
  /** What it wrote. */
  log(): Promise<string>
  stop(): Promise<void>
}

export interface PgbouncerOptions {
  mode: 'transaction' | 'session'
  /** Name to password. */
  users: Record<string, string>
  /** Sessions for each of them. Default 5. */
  size?: number
  /** Default: a free one. */
  port?: number
  /** When an idle session of the server is given back. Default: pgbouncer's ten minutes. */
  idleSeconds?: number
}

/** A pgbouncer in front of the server of `serverUrl`, for these users. */
export async function startPgbouncer(
  serverUrl: string,
  { mode, users, size = 5, port: fixed, idleSeconds }: PgbouncerOptions,
): Promise<Pgbouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-pgbouncer-'))
  await chmod(folder, 0o711)
  const port = fixed ?? (await freePort())
  const server = new URL(serverUrl)
  const file = (name: string) => join(folder, name)
  await writeFile(file('users'), Object.entries(users).map(([name, password]) => `"${name}" "${password}"\n`).join(''))
  // deploy/pgbouncer, with this machine's addresses; passwords in the clear, as what signs in there is known here only so.
  const settings: Record<string, string> = {
    '*': `host=${server.hostname} port=${server.port}`, listen_addr: '127.0.0.1', listen_port: String(port), auth_type: 'plain', auth_file: file('users'),
    pool_mode: mode, default_pool_size: String(size),
  }
  const lines = readFileSync(new URL('../../deploy/pgbouncer/pgbouncer.ini', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => carriesStatements || !line.startsWith('max_prepared_statements'))
    .map((line) => {
      const name = /^(\S+) =/.exec(line)?.[1] ?? ''
      return name in settings ? `${name} = ${settings[name]}` : line
    })
  lines.push(`logfile = ${file('log')}`)
  if (idleSeconds !== undefined) lines.push(`server_idle_timeout = ${idleSeconds}`)
  await writeFile(file('ini'), `${lines.join('\n')}\n`)
  const account = process.getuid?.() === 0 ? await unprivilegedAccount(folder) : null
  if (account) for (const path of [folder, file('users'), file('ini')]) await chown(path, account.uid, account.gid)
  const child = spawn('pgbouncer', ['-q', file('ini')], { stdio: 'ignore', ...account })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const log = () => readFile(file('log'), 'utf8').catch(() => '')
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) throw new Error(`pgbouncer did not start: ${await log()}`)
    await sleep(50)
  }
  return {
    log,
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      process.off('exit', killWithUs)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(socket.destroy() && true))
    socket.once('error', () => done(false))
  })
}
