import { existsSync } from 'node:fs'
import { urlsOfHosts } from '@portico/kernel/database-url'
import { parseRedisUrl } from '@portico/kernel/redis-url'
import { CONSOLE_VARIABLES } from './console-variables.js'
import { readObservability, type ObservabilityConfig } from './observability-config.js'
import { parseUrl, type Environment, type EnvReader } from './read-env.js'

export interface SharedConfig {
  environment: 'development' | 'production'
  /** Without credentials of its own use: see `roleDatabaseUrl`. */
  databaseUrl: string
  /** To PostgreSQL itself where a pooler stands in `databaseUrl`: for migrations and the queue. The same one otherwise. */
  directDatabaseUrl: string
  /** What the names of the database roles begin with: two installations on one server have two. */
  databaseRolePrefix: string
  databasePoolSize: number
  /** Null: BullMQ and the limits use PostgreSQL. */
  redisUrl: string | null
  /** 32 bytes. */
  masterKey: Buffer
  /** Still opened with, never sealed with; null outside a master-key rotation. */
  previousMasterKey: Buffer | null
  /** Whether `POST /__test/clock` exists; never in production. */
  testClock: boolean
  /** Development: sign-in providers and the captcha check may be on loopback and plain http. Never in production. */
  allowLoopbackProviders: boolean
  logLevel: (typeof LOG_LEVELS)[number]
  observability: ObservabilityConfig
  /** Variables that look like ours but are not, for a warning in the log: most likely misspelt. */
  unknownVariables: string[]
}

export interface ListenConfig {
  host: string
  port: number
}

const DEFAULT_ROLE_PREFIX = 'portico'
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const MASTER_KEY = /^[A-Za-z0-9+/]{43}=$/
const MASTER_KEY_ADVICE = 'generate one with `openssl rand -base64 32` and keep a copy: without it nothing that was sealed can be opened'

const OUR_PREFIXES = ['PORTICO_', 'CONTROL_PLANE_', 'DATA_PLANE_', 'WORKER_', 'TRUSTED_PROXY', 'SMTP_']
const KNOWN = new Set<string>([
  ...CONSOLE_VARIABLES,
  'MAIL_RECIPIENT_DAILY_LIMIT',
  'PORTICO_ENV',
  'PORTICO_DATA_DIR',
  'PORTICO_MASTER_KEY',
  'PORTICO_MASTER_KEY_PREVIOUS',
  'PORTICO_BOOTSTRAP_API_KEY',
  'PORTICO_TEST_CLOCK',
  'PORTICO_ALLOW_LOOPBACK_PROVIDERS',
  'PORTICO_CAPTCHA_VERIFY_URL',
  'PORTICO_TEST_SERVERS',
  'PORTICO_TLS_ASK_SECRET',
  'PORTICO_LOG_LEVEL',
  'PORTICO_ATTEMPTED_ADDRESSES',
  'PORTICO_METRICS_TOP_PROJECTS',
  'CONTROL_PLANE_HOST',
  'CONTROL_PLANE_PORT',
  'CONTROL_PLANE_METRICS_HOST',
  'CONTROL_PLANE_METRICS_PORT',
  'CONTROL_PLANE_PUBLIC_URL',
  'DATA_PLANE_HOST',
  'DATA_PLANE_PORT',
  'DATA_PLANE_METRICS_HOST',
  'DATA_PLANE_METRICS_PORT',
  'DATA_PLANE_PROCESSES',
  'DATA_PLANE_PUBLIC_URL',
  'WORKER_HOST',
  'WORKER_PORT',
  'TRUSTED_PROXY_HOPS',
  'SMTP_HOST',
  'SMTP_PORT',
  'SMTP_SECURE',
  'SMTP_USER',
  'SMTP_PASSWORD',
  'SMTP_FROM',
  'SMTP_RETRIES',
])

export function readShared(reader: EnvReader, env: Environment, defaults: { databasePoolSize: number }): SharedConfig {
  const environment = reader.oneOf('PORTICO_ENV', ['development', 'production'], 'development')
  const production = environment === 'production'
  const testClock = reader.flag('PORTICO_TEST_CLOCK')
  if (production && testClock) reader.problem('PORTICO_TEST_CLOCK', 'must be off in production: it lets anybody move the clock')
  const allowLoopbackProviders = reader.flag('PORTICO_ALLOW_LOOPBACK_PROVIDERS')
  if (production && allowLoopbackProviders)
    reader.problem('PORTICO_ALLOW_LOOPBACK_PROVIDERS', 'must be off in production: it lets tenants call our own network')
  const masterKey = readMasterKey(reader, 'PORTICO_MASTER_KEY')
  if (!masterKey)
    reader.problem('PORTICO_MASTER_KEY', `is not set: ${production ? MASTER_KEY_ADVICE : '`npm start` makes one; ' + MASTER_KEY_ADVICE}`)
  const previousMasterKey = readMasterKey(reader, 'PORTICO_MASTER_KEY_PREVIOUS')
  if (masterKey && previousMasterKey?.equals(masterKey))
    reader.problem('PORTICO_MASTER_KEY_PREVIOUS', 'is the same key as PORTICO_MASTER_KEY: unset it')
  const databaseUrl = readDatabaseUrl(reader, production)
  return {
    environment,
    databaseUrl,
    directDatabaseUrl: checkDatabaseUrl(reader, 'DATABASE_DIRECT_URL', reader.text('DATABASE_DIRECT_URL')) ?? databaseUrl,
    databaseRolePrefix: readRolePrefix(reader),
    databasePoolSize: reader.integer('DATABASE_POOL_SIZE', { min: 2, max: 500, fallback: defaults.databasePoolSize }),
    redisUrl: readRedisUrl(reader),
    masterKey: masterKey ?? Buffer.alloc(0),
    previousMasterKey,
    testClock: testClock && !production,
    allowLoopbackProviders: allowLoopbackProviders && !production,
    logLevel: reader.oneOf('PORTICO_LOG_LEVEL', LOG_LEVELS, 'info'),
    observability: readObservability(reader),
    unknownVariables: Object.keys(env)
      .filter((name) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) && !KNOWN.has(name))
      .toSorted(),
  }
}

export function readListen(
  reader: EnvReader,
  prefix: 'CONTROL_PLANE' | 'DATA_PLANE' | 'WORKER',
  defaultPort: number,
  environment: SharedConfig['environment'],
): ListenConfig {
  const host = reader.host(`${prefix}_HOST`, '127.0.0.1')
  if (environment === 'development' && !isLoopback(host)) {
    const advice = 'or set PORTICO_ENV=production to serve others'
    reader.problem(
      `${prefix}_HOST`,
      `must be a loopback address (127.0.0.1, ::1, localhost) in development, where mails and generated keys are shown to every client; ${advice}`,
    )
  }
  return {
    host,
    port: reader.integer(`${prefix}_PORT`, { min: 1, max: 65_535, fallback: defaultPort }),
  }
}

/** The same for `GET /metrics` of a plane; port 0 takes any free one. */
export function readMetricsListen(reader: EnvReader, prefix: 'CONTROL_PLANE' | 'DATA_PLANE', defaultPort: number): ListenConfig {
  return {
    host: reader.host(`${prefix}_METRICS_HOST`, '127.0.0.1'),
    port: reader.integer(`${prefix}_METRICS_PORT`, { min: 0, max: 65_535, fallback: defaultPort }),
  }
}

/** The address people reach a plane at; links and `AUTH_URL` start with it, so in production it must be said, and be https. */
export function readPublicUrl(
  reader: EnvReader,
  prefix: 'CONTROL_PLANE' | 'DATA_PLANE',
  listen: ListenConfig,
  environment: SharedConfig['environment'],
): string {
  const variable = `${prefix}_PUBLIC_URL`
  const url = reader.httpUrl(variable, null)
  if (environment === 'production') {
    if (!reader.isSet(variable)) reader.problem(variable, 'is not set: production needs the https:// address that users reach it at')
    else if (url?.startsWith('http:')) reader.problem(variable, 'must be https:// in production')
  }
  return url ?? `http://${reachableHost(listen.host)}:${listen.port}`
}

/** In production the number must be said: too low hides clients behind the proxy's address, too high lets them forge theirs. */
export function readTrustedProxyHops(reader: EnvReader, environment: SharedConfig['environment']): number {
  if (environment === 'production' && !reader.isSet('TRUSTED_PROXY_HOPS')) {
    reader.problem('TRUSTED_PROXY_HOPS', 'is not set: production needs the number of proxies in front, 0 when there is none')
  }
  return reader.integer('TRUSTED_PROXY_HOPS', { min: 0, max: 10, fallback: 0 })
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(name) ||
    /^(?:0{0,4}:){2,7}0{0,3}1$/.test(name) ||
    name.startsWith('::ffff:127.')
  )
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function readMasterKey(reader: EnvReader, variable: string): Buffer | null {
  const text = reader.text(variable)
  if (text === null) return null
  // Strict: Node's decoder drops what it does not know, and a mistyped key would become another, shorter key.
  const key = Buffer.from(text, 'base64')
  if (MASTER_KEY.test(text) && key.length === 32 && key.toString('base64') === text) return key
  reader.problem(variable, 'must be 32 bytes in base64 (44 characters)')
  return null
}

function readDatabaseUrl(reader: EnvReader, production: boolean): string {
  const advice = production
    ? 'production needs a PostgreSQL 15 or newer'
    : 'give a PostgreSQL 15 or newer, or use `npm start`, which runs one of its own'
  const text = reader.required('DATABASE_URL', advice)
  return text === '' ? '' : (checkDatabaseUrl(reader, 'DATABASE_URL', text) ?? '')
}

export function checkDatabaseUrl(reader: EnvReader, variable: string, text: string | null): string | null {
  if (text === null) return null
  const isOne = (each: string) => {
    const url = parseUrl(each)
    return url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) && url.hostname !== '' && url.pathname.length >= 2
  }
  if (!urlsOfHosts(text).every(isOne)) {
    const advice = 'must be postgresql://host:port/database (several hosts with commas between them), with credentials for migrations, with or without them for the services'
    reader.problem(variable, advice)
  }
  return text
}

/** Short enough that the longest role still fits the 63 bytes of a name. */
function readRolePrefix(reader: EnvReader): string {
  const prefix = reader.text('DATABASE_ROLE_PREFIX') ?? DEFAULT_ROLE_PREFIX
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(prefix) || prefix.startsWith('pg_'))
    reader.problem('DATABASE_ROLE_PREFIX', 'must be 1 to 40 of a-z, 0-9 and _, beginning with a letter, and not with pg_')
  return prefix
}

function readRedisUrl(reader: EnvReader): string | null {
  const text = reader.text('REDIS_URL')
  if (text === null) return null
  const advice = 'must be redis://host:port, redis-cluster://host:port,host:port or redis-sentinel://host:port,host:port?master=name (rediss… for TLS)'
  const ca = reader.text('REDIS_CA_FILE')
  const url = ca === null ? text : `${text}${text.includes('?') ? '&' : '?'}ca_file=${encodeURIComponent(ca)}`
  const address = parseRedisUrl(url)
  if (address === null) reader.problem('REDIS_URL', advice)
  else if (address.caFile !== null && !address.tls) reader.problem('REDIS_CA_FILE', 'is for an address with TLS: rediss://, rediss-cluster:// or rediss-sentinel://')
  else if (address.caFile !== null && !existsSync(address.caFile)) reader.problem('REDIS_CA_FILE', 'names a file that is not there')
  return url
}
