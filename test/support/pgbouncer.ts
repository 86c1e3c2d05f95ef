import { execFileSync, spawn } from 'node:child_process'
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
  /** The given URL by way of the pooler. */
  through(url: string): string
  /** What it wrote. */
  log(): Promise<string>
  stop(): Promise<void>
}

/** A pgbouncer in front of the server of `serverUrl`, for these users. `size`: sessions for each of them. */
export async function startPgbouncer(
  serverUrl: string,
  { mode, users, size = 5 }: { mode: 'transaction' | 'session'; users: Record<string, string>; size?: number },
): Promise<Pgbouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-pgbouncer-'))
  await chmod(folder, 0o711)
  const port = await freePort()
  const server = new URL(serverUrl)
  const file = (name: string) => join(folder, name)
  await writeFile(file('users'), Object.entries(users).map(([name, password]) => `"${name}" "${password}"\n`).join(''))
  const lines = [
    '[databases]', `* = host=${server.hostname} port=${server.port}`,
    '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = plain', `auth_file = ${file('users')}`,
    `pool_mode = ${mode}`, `default_pool_size = ${size}`, 'max_client_conn = 300', `logfile = ${file('log')}`,
    ...(carriesStatements ? ['max_prepared_statements = 200'] : []),
  ]
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
