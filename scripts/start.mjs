// `npm start`: from a fresh clone to three running processes on a real PostgreSQL, with nothing but Node and npm.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyMigrations } from './apply-migrations.mjs'
import { printableLine } from './log-line.mjs'
import { choosePorts, holdPorts, namePublicUrls } from './start-ports.mjs'
import { ROOT, Stop, installIfNeeded, requireNode, step } from './steps.mjs'

const READY_TIMEOUT_MS = 60_000
// The services themselves finish within 15 s of SIGTERM.
const STOP_TIMEOUT_MS = 20_000

const startedAt = Date.now()
const env = { ...process.env }
const production = env.PORTICO_ENV === 'production'
const dataDir = resolve(ROOT, env.PORTICO_DATA_DIR || '.portico')
const services = [
  { name: 'control plane', app: 'control-plane', prefix: 'CONTROL_PLANE', defaultPort: 4000, ...metricsOf('CONTROL_PLANE', 4001) },
  { name: 'data plane', app: 'data-plane', prefix: 'DATA_PLANE', defaultPort: 4100, ...metricsOf('DATA_PLANE', 4101) },
  { name: 'worker', app: 'worker', prefix: 'WORKER', defaultPort: 4200 },
].map((service) => ({
  ...service,
  host: env[`${service.prefix}_HOST`] || '127.0.0.1',
  port: Number(env[`${service.prefix}_PORT`] || service.defaultPort),
}))

function metricsOf(prefix, defaultPort) {
  return { metricsHost: env[`${prefix}_METRICS_HOST`] || '127.0.0.1', metricsPort: Number(env[`${prefix}_METRICS_PORT`] || defaultPort) }
}

/** Of the console, when it has no owner and asks for one. */
let setUpCode = null

/** Undone in reverse order. */
const undo = []
const children = []
let stopping = null

async function start() {
  requireNode()
  await choosePorts(services, env)
  if (!production) namePublicUrls(services, env)
  const letPortsGo = await holdPorts(services)
  await installIfNeeded()
  await buildInChild()
  if (stopping) return

  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  takeLock()
  const masterKey = masterKeyOrNew()
  const bootstrap = production ? null : bootstrapKeyOrNew()
  const databaseUrl = env.DATABASE_URL || (production ? '' : await startDatabase())
  if (masterKey) env.PORTICO_MASTER_KEY = masterKey
  if (bootstrap) env.PORTICO_BOOTSTRAP_API_KEY = bootstrap.key
  if (databaseUrl) env.DATABASE_URL = databaseUrl
  await checkConfiguration()
  if (stopping) return

  await step('Applying migrations', async () => {
    const { applied, replaced, dropped, unknown } = await applyMigrations({
      url: env.DATABASE_DIRECT_URL || databaseUrl,
      masterKey,
      previousMasterKey: env.PORTICO_MASTER_KEY_PREVIOUS,
      rolePrefix: env.DATABASE_ROLE_PREFIX || undefined,
    })
    const changes = [counted(applied, 'migration'), counted([...replaced, ...dropped], 'function')].filter(Boolean)
    if (changes.length > 0) console.log(`Applied ${changes.join(' and ')}.`)
    if (unknown.length > 0) console.warn(`The database is ahead of this release, and its functions were left alone: ${unknown.join(', ')}`)
  })
  if (stopping) return

  await letPortsGo()
  undo.push(stopChildren)
  for (const service of services) launch(service, withoutCredentials(databaseUrl))
  await step('Waiting for the services', () => Promise.all(services.map(waitUntilReady)))
  if (stopping) return
  await announce(bootstrap)
}

/** In a process of its own: compilers and bundlers leave a gigabyte behind, and this one stays for as long as Portico runs. */
async function buildInChild() {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const forget = () => child.kill('SIGTERM')
  undo.push(forget)
  const end = await new Promise((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', (code, signal) => done(signal ?? code))
  })
  undo.splice(undo.indexOf(forget), 1)
  if (end !== 0 && !stopping) throw new Stop(`The build ended with ${end}; its lines above say why.`)
}

function counted(names, what) {
  return names.length === 0 ? '' : `${names.length} ${what}${names.length === 1 ? '' : 's'}`
}

function takeLock() {
  const file = join(dataDir, 'npm-start.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (pid > 0 && pid !== process.pid && isStart(pid))
    throw new Stop(`${shown(dataDir)} is in use by another \`npm start\` (pid ${pid}). Stop it, or set PORTICO_DATA_DIR.`)
  writeFileSync(file, String(process.pid))
  undo.push(() => rmSync(file, { force: true }))
}

function isStart(pid) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  // Pids are given out again, in containers most of all.
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start.mjs')
  } catch {
    return false
  }
}

function masterKeyOrNew() {
  if (env.PORTICO_MASTER_KEY) return env.PORTICO_MASTER_KEY
  if (production) return null
  const file = join(dataDir, 'master-key')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  if (existsSync(join(dataDir, 'embedded-postgres.json'))) {
    throw new Stop(`${shown(file)} is missing: the secrets in this data directory cannot be opened without it. Put it back, set PORTICO_MASTER_KEY, or move ${shown(dataDir)} away to start empty.`)
  }
  return writeSecret(file, randomBytes(32).toString('base64'))
}

function bootstrapKeyOrNew() {
  if (env.PORTICO_BOOTSTRAP_API_KEY) return { key: env.PORTICO_BOOTSTRAP_API_KEY, file: null, isNew: false }
  const file = join(dataDir, 'bootstrap-api-key')
  if (existsSync(file)) return { key: readFileSync(file, 'utf8').trim(), file, isNew: false }
  return { key: writeSecret(file, `msk_test_${randomBytes(32).toString('base64url')}`), file, isNew: true }
}

function writeSecret(file, secret) {
  writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  return secret
}

async function startDatabase() {
  const { startEmbeddedPostgres } = await import('../tools/dev-database/dist/embedded-postgres.js')
  const starting = startEmbeddedPostgres({ dataDir })
  // Registered before it is there: a Ctrl-C during its start must not leave it behind.
  undo.push(() => starting.then((server) => server.stop(), () => {}))
  const server = await step('Starting PostgreSQL', () => starting)
  void server.exited.then(() => stop(1, 'PostgreSQL ended by itself; its log is postgres.log beside the database.'))
  return server.url
}

/** All three processes' problems at once, before any of them starts. */
async function checkConfiguration() {
  const readers = await Promise.all([
    import('../libs/config/dist/control-plane-config.js').then((file) => file.readControlPlaneConfig),
    import('../libs/config/dist/data-plane-config.js').then((file) => file.readDataPlaneConfig),
    import('../libs/config/dist/worker-config.js').then((file) => file.readWorkerConfig),
  ])
  const { ConfigError } = await import('../libs/config/dist/read-env.js')
  const problems = new Map()
  const unknown = new Set()
  for (const read of readers) {
    try {
      for (const variable of read(env).unknownVariables) unknown.add(variable)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const problem of error.problems) problems.set(problem.variable, problem)
    }
  }
  if (problems.size > 0) throw new Stop(new ConfigError([...problems.values()]).message)
  for (const variable of unknown) console.warn(`${variable} is not a variable of Portico: misspelt?`)
}

// The services log in as their own restricted roles and need not know the owner's password.
function withoutCredentials(databaseUrl) {
  const url = new URL(databaseUrl)
  url.username = ''
  url.password = ''
  return url.href
}

function launch(service, databaseUrl) {
  const direct = env.DATABASE_DIRECT_URL && { DATABASE_DIRECT_URL: withoutCredentials(env.DATABASE_DIRECT_URL) }
  const childEnv = { ...env, DATABASE_URL: databaseUrl, ...direct }
  if (service.app !== 'control-plane') delete childEnv.PORTICO_BOOTSTRAP_API_KEY
  const preload = new URL('./follow-parent.mjs', import.meta.url).href
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', preload, join(ROOT, 'apps', service.app, 'dist', 'main.js')], {
    cwd: ROOT,
    env: childEnv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C reaches only this script, which stops them once and in order.
    detached: true,
  })
  const entry = { ...service, child, exited: new Promise((done) => child.once('close', (code, signal) => done({ code, signal }))) }
  children.push(entry)
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      setUpCode = /^The console has no owner yet\. Set-up code: ([0-9A-Z-]+)/.exec(line)?.[1] ?? setUpCode
      console.log(`${service.app.padEnd(13)} | ${printableLine(line)}`)
    })
  }
  child.once('error', (error) => stop(1, `The ${service.name} could not be started: ${error.message}`))
  void entry.exited.then(({ code, signal }) =>
    stop(code || 1, `The ${service.name} ended by itself with ${signal ?? `code ${code}`}; its last lines are above.`),
  )
}

async function waitUntilReady({ name, host, port }) {
  const address = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host)
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!stopping) {
    const ready = await fetch(`http://${address}:${port}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
      async (answer) => (await answer.text(), answer.ok),
      () => false,
    )
    if (ready) return
    if (Date.now() > deadline) throw new Stop(`The ${name} was not ready after ${READY_TIMEOUT_MS / 1000} s; its lines above say why.`)
    await sleep(50)
  }
}

async function announce(bootstrap) {
  const { readControlPlaneConfig } = await import('../libs/config/dist/control-plane-config.js')
  const config = readControlPlaneConfig(env)
  const lines = [
    '',
    `Portico is ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s). Ctrl-C stops it.`,
    '',
    `  Console        ${config.publicUrl}/${setUpCode ? `  (set-up code ${setUpCode})` : ''}`,
    `  Control plane  ${config.publicUrl}`,
    `  Data plane     ${config.dataPlanePublicUrl}`,
  ]
  if (config.devInbox && !config.emailConfigured) lines.push(`  Mail           ${config.publicUrl}/console/inbox`)
  if (bootstrap) lines.push(...(await keyAndExample(bootstrap, config)))
  console.log(`${lines.join('\n')}\n`)
}

async function keyAndExample({ key, file, isNew }, config) {
  const [control] = services
  const answer = await fetch(`http://${control.host === '0.0.0.0' ? '127.0.0.1' : control.host}:${control.port}/api/v1/projects?limit=1`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(5000),
  }).catch(() => null)
  if (answer?.status === 401) {
    if (isNew) rmSync(file)
    return ['  API key        one that was made earlier: this database has its tenant already']
  }
  const place = file ? shown(file) : 'PORTICO_BOOTSTRAP_API_KEY'
  const key_ = file ? `$(cat ${place})` : '$PORTICO_BOOTSTRAP_API_KEY'
  const headers = `-H "Authorization: Bearer ${key_}" -H 'Content-Type: application/json'`
  return [
    isNew ? `  API key        ${key}  (shown this once; kept in ${place})` : `  API key        in ${place}`,
    '',
    'Try it:',
    `  PROJECT=$(curl -s ${config.publicUrl}/api/v1/projects ${headers} -d '{"name":"Demo"}' | grep -o 'proj_[^"]*' | head -1)`,
    `  curl -s ${config.publicUrl}/api/v1/projects/$PROJECT/auth ${headers} -d '{"allow_signups":true,"providers":["email"]}'`,
    `  curl -s ${config.dataPlanePublicUrl}/$PROJECT/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"a long enough sentence"}'`,
  ]
}

async function stopChildren() {
  for (const { child } of children) child.kill('SIGTERM')
  const cancel = new AbortController()
  const late = sleep(STOP_TIMEOUT_MS, 'late', { signal: cancel.signal }).catch(() => 'cancelled')
  await Promise.all(
    children.map(async ({ name, child, exited }) => {
      const end = await Promise.race([exited, late])
      if (end === 'late') {
        console.error(`The ${name} did not stop within ${STOP_TIMEOUT_MS / 1000} s and was killed.`)
        child.kill('SIGKILL')
        await exited
        process.exitCode ||= 1
      }
    }),
  )
  cancel.abort()
}

/** The first call decides exit code and message; later ones are consequences. */
function stop(code, message) {
  if (stopping) return stopping
  process.exitCode = code
  if (message) console.error(message)
  stopping = (async () => {
    for (const step of undo.toReversed()) {
      try {
        await step()
      } catch (error) {
        console.error(error)
        process.exitCode ||= 1
      }
    }
  })()
  void stopping.then(() => process.exit())
  return stopping
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!stopping) console.log('\nStopping …')
    else if (signal === 'SIGINT' && Date.now() - stopAskedAt > 500) for (const { child } of children) child.kill('SIGKILL')
    stopAskedAt ||= Date.now()
    void stop(0)
  })
}
let stopAskedAt = 0

// `kill <npm>` ends npm and its shell without a word to this process.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) void stop(0)
  }, 500).unref()
}

function shown(path) {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

try {
  await start()
} catch (error) {
  await stop(1, error instanceof Stop ? error.message : error.stack)
}
