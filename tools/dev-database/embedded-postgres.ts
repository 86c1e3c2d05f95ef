import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { unprivilegedAccount, type Account } from './account.js'
import { findBinaries } from './binaries.js'
import { OWNER, executable, initialise, refuseOtherMajor, serverEnvironment } from './cluster.js'
import { exists, readIfThere } from './files.js'
import { newState, portOrAnother, readState, writeState, type State } from './state.js'

const DATABASE = 'portico'
const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 15_000
const MAX_LOG_BYTES = 5 * 1024 * 1024

export interface EmbeddedPostgresOptions {
  /** Folder for the cluster, its password and its port; made when missing. */
  dataDir: string
  /** Fixed port on 127.0.0.1. Default: the port used last time, or any free one. */
  port?: number
  /** `false` trades durability for speed; for tests only. Default true. */
  fsync?: boolean
  /** Another release's folder, with `bin`. Default: the one that came with npm. */
  programs?: string
  /** More server settings, passed as `-c name=value`. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  /** Connection string of the owner (a superuser of this private server), database `portico`. */
  url: string
  port: number
  /** Resolves when the server is gone, whether stopped or crashed. Never for a server that was found running. */
  exited: Promise<void>
  /** Fast shutdown: open transactions are rolled back, everything acknowledged is on disk. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL that came with npm, making its cluster at the first call, or takes over the one that a killed process left running.
 * Throws an Error that says what to do when there is no binary for this platform, the port is taken or the server does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  const asRoot = process.getuid?.() === 0
  const made = await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Root drops to another account, which must be able to walk through; each secret inside is 0600 for itself.
  if (made !== undefined && asRoot) await chmod(dataDir, 0o711)
  const state = (await readState(dataDir)) ?? (await newState(dataDir, asRoot, options.port))
  const cluster = join(state.home, 'data')
  const account = asRoot ? await unprivilegedAccount(cluster) : null

  const running = await takeOver(cluster, state)
  if (running) return running

  const native = await findBinaries(account, options.programs)
  if (!(await exists(join(cluster, 'PG_VERSION')))) await initialise(native, cluster, state.password, account)
  await refuseOtherMajor(native, cluster)

  for (let attempt = 1; ; attempt += 1) {
    state.port = options.port ?? (await portOrAnother(state.port))
    await writeState(dataDir, state)
    try {
      return await launch(native, cluster, state, account, options)
    } catch (error) {
      // Between choosing a port and binding it another process may have taken it; after a crash the last backends need a moment to leave.
      const transient = error instanceof Error && /Address already in use|pre-existing shared memory|is already in use/.test(error.message)
      if (!transient || options.port !== undefined || attempt === 4) throw error
      await sleep(300)
    }
  }
}

async function launch(
  native: string,
  cluster: string,
  state: State,
  account: Account | null,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(state.port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A failing statement may carry a password or an address.
    log_min_error_statement: 'panic',
    ...(options.fsync === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    ...options.settings,
  }
  const logFile = join(state.home, 'postgres.log')
  const logStart = await shortenLog(logFile)
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(
    join(native, 'bin', executable('postgres')),
    ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A process group of its own: the terminal's Ctrl-C must reach the services first and the database last.
    { cwd: '/', env: serverEnvironment(), stdio: ['ignore', log, log], detached: true, windowsHide: true, ...account },
  )
  closeSync(log)
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', () => done())
  })

  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`The embedded PostgreSQL did not start. Its log, ${logFile}, says:\n${await tail(logFile, logStart)}`)
    }
    if (await answers(state)) break
    if (Date.now() > deadline) {
      child.kill('SIGQUIT')
      throw new Error(`The embedded PostgreSQL was not ready after ${START_TIMEOUT_MS / 1000} s. Its log, ${logFile}, says:\n${await tail(logFile, logStart)}`)
    }
    await Promise.race([sleep(25), exited])
  }
  return { url: connectionUrl(state), port: state.port, exited, stop: () => stopChild(child, exited) }
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGINT')
  const cancel = new AbortController()
  const late = sleep(STOP_TIMEOUT_MS, 'late' as const, { signal: cancel.signal }).catch(() => undefined)
  if ((await Promise.race([exited, late])) === 'late') {
    child.kill('SIGQUIT')
    await exited
  }
  cancel.abort()
}

/** A killed `npm start` leaves its PostgreSQL behind: use that one. A pid file whose process is gone or is something else is removed. */
async function takeOver(cluster: string, state: State): Promise<EmbeddedPostgres | null> {
  const pidFile = join(cluster, 'postmaster.pid')
  const deadline = Date.now() + STOP_TIMEOUT_MS
  for (;;) {
    const lines = (await readIfThere(pidFile))?.split('\n')
    if (!lines) return null
    const pid = Number(lines[0])
    const port = Number(lines[3])
    if (!(await isPostgres(pid))) {
      // PostgreSQL itself would refuse to start when an unrelated process of the same account got this pid, as happens in containers.
      await rm(pidFile, { force: true })
      return null
    }
    if (await answers({ ...state, port })) {
      return { url: connectionUrl({ ...state, port }), port, exited: new Promise(() => {}), stop: () => stopPid(pid) }
    }
    // It is starting or stopping.
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL (pid ${pid}) holds ${cluster} but does not answer on port ${port}. End that process and try again.`)
    await sleep(50)
  }
}

async function stopPid(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!signalPid(pid, signal)) return
    const deadline = Date.now() + STOP_TIMEOUT_MS
    while (Date.now() < deadline) {
      if (!(await isPostgres(pid))) return
      await sleep(25)
    }
  }
}

async function isPostgres(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !signalPid(pid, 0)) return false
  if (process.platform !== 'linux') return true
  const commandLine = await readIfThere(`/proc/${pid}/cmdline`)
  // A zombie has no command line: it is gone, only not yet collected.
  return commandLine !== null && /(^|\/)postgres\0/.test(commandLine)
}

function signalPid(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** One real login as the owner; makes the product's database when it is not there yet. */
async function answers(state: State): Promise<boolean> {
  try {
    await withClient(connectionUrl(state), async () => undefined)
    return true
  } catch (error) {
    if ((error as { code?: string }).code !== '3D000') return false
  }
  await withClient(connectionUrl(state, 'postgres'), (client) => client.query(`create database ${DATABASE}`))
  return true
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function connectionUrl(state: State, database = DATABASE): string {
  return `postgresql://${OWNER}:${state.password}@127.0.0.1:${state.port}/${database}`
}

async function shortenLog(logFile: string): Promise<number> {
  const size = await stat(logFile).then((found) => found.size, () => 0)
  if (size <= MAX_LOG_BYTES) return size
  await rm(logFile)
  return 0
}

async function tail(logFile: string, from: number): Promise<string> {
  const log = await readFile(logFile)
  return log.subarray(from).toString().trim().split('\n').slice(-15).join('\n')
}
