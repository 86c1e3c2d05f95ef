import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { readControlPlaneConfig } from './control-plane-config.js'
import { readDataPlaneConfig } from './data-plane-config.js'
import { ConfigError, type Environment } from './read-env.js'
import { roleDatabaseUrl } from './role-database-url.js'
import { readWorkerConfig } from './worker-config.js'

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64')
const BASE = { DATABASE_URL: 'postgresql://owner:hunter2@db.internal:5432/portico', PORTICO_MASTER_KEY: MASTER_KEY }
const PRODUCTION = {
  ...BASE,
  PORTICO_ENV: 'production',
  CONTROL_PLANE_PUBLIC_URL: 'https://control.example.com',
  DATA_PLANE_PUBLIC_URL: 'https://auth.example.com/',
  TRUSTED_PROXY_HOPS: '1',
}

function problemsOf(read: (env: Environment) => unknown, env: Environment): Record<string, string> {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map(({ variable, problem }) => [variable, problem]))
    throw error
  }
  return {}
}

test.each([
  ['unset', {}, 1, 20],
  ['two', { DATA_PLANE_PROCESSES: '2' }, 2, 10],
  ['many', { DATA_PLANE_PROCESSES: '16' }, 16, 5],
  ['a size of its own', { DATA_PLANE_PROCESSES: '2', DATABASE_POOL_SIZE: '33' }, 2, 33],
  ['one for each core', { DATA_PLANE_PROCESSES: 'auto' }, availableParallelism(), Math.max(5, Math.ceil(20 / availableParallelism()))],
])('processes of the data plane, %s: together about as many connections as one', (_, env, processes, databasePoolSize) => {
  expect(readDataPlaneConfig({ ...PRODUCTION, ...env })).toMatchObject({ processes, databasePoolSize })
})

test('a number of processes that is none is a problem', () => {
  for (const value of ['0', '-1', '65', 'all', '1.5']) {
    expect(Object.keys(problemsOf(readDataPlaneConfig, { ...PRODUCTION, DATA_PLANE_PROCESSES: value }))).toEqual(['DATA_PLANE_PROCESSES'])
  }
})

test('development needs no more than a database and a master key', () => {
  expect(readControlPlaneConfig(BASE)).toEqual({
    console: {
      access: null,
      gate: 'auto',
      production: false,
      acceptOpenRisk: false,
      token: null,
      oidc: null,
      localLogin: true,
      initialOwnerEmail: null,
      demo: false,
    },
    environment: 'development',
    databaseUrl: BASE.DATABASE_URL,
    directDatabaseUrl: BASE.DATABASE_URL,
    replicaDatabaseUrl: null,
    databaseRolePrefix: 'portico',
    databasePoolSize: 10,
    redisUrl: null,
    masterKey: Buffer.alloc(32, 7),
    previousMasterKey: null,
    testClock: false,
    logLevel: 'info',
    observability: { traces: false, attemptedAddresses: 'hashed', topProjects: 0 },
    allowLoopbackProviders: false,
    unknownVariables: [],
    listen: { host: '127.0.0.1', port: 4000 },
    metrics: { host: '127.0.0.1', port: 4001 },
    publicUrl: 'http://127.0.0.1:4000',
    dataPlanePublicUrl: 'http://127.0.0.1:4100',
    bootstrapApiKey: null,
    trustedProxyHops: 0,
    emailConfigured: false,
    resend: null,
    resendWebhookSecret: null,
    resendBaseUrl: null,
    devInbox: true,
  })
  expect(readDataPlaneConfig(BASE)).toMatchObject({
    listen: { host: '127.0.0.1', port: 4100 },
    metrics: { host: '127.0.0.1', port: 4101 },
    publicUrl: 'http://127.0.0.1:4100',
    emailConfigured: false,
  })
  expect(readWorkerConfig(BASE)).toMatchObject({
    listen: { host: '127.0.0.1', port: 4200 },
    dataPlanePublicUrl: 'http://127.0.0.1:4100',
    email: null,
    devInbox: true,
  })
})

test('every variable is read', () => {
  const config = readControlPlaneConfig({
    ...PRODUCTION,
    REDIS_URL: 'rediss://:pw@redis:6380/2',
    PORTICO_MASTER_KEY_PREVIOUS: Buffer.alloc(32, 8).toString('base64'),
    CONTROL_PLANE_HOST: '0.0.0.0',
    CONTROL_PLANE_PORT: '8080',
    CONTROL_PLANE_METRICS_HOST: '0.0.0.0',
    CONTROL_PLANE_METRICS_PORT: '0',
    PORTICO_BOOTSTRAP_API_KEY: `msk_live_${'a'.repeat(43)}`,
    DATABASE_POOL_SIZE: '33',
    PORTICO_LOG_LEVEL: 'warn',
    RESEND_API_KEY: 're_1',
    RESEND_FROM_APP_AUTH: 'Example <auth@example.com>',
  })
  expect(config).toMatchObject({
    environment: 'production',
    redisUrl: 'rediss://:pw@redis:6380/2',
    previousMasterKey: Buffer.alloc(32, 8),
    listen: { host: '0.0.0.0', port: 8080 },
    metrics: { host: '0.0.0.0', port: 0 },
    publicUrl: 'https://control.example.com',
    dataPlanePublicUrl: 'https://auth.example.com',
    bootstrapApiKey: `msk_live_${'a'.repeat(43)}`,
    trustedProxyHops: 1,
    databasePoolSize: 33,
    logLevel: 'warn',
    emailConfigured: true,
    devInbox: false,
  })
  expect(
    readWorkerConfig({ ...BASE, RESEND_API_KEY: 're_1', RESEND_FROM_APP_AUTH: 'auth@example.com', RESEND_BASE_URL: 'http://127.0.0.1:9/' })
      .email,
  ).toEqual({
    kind: 'resend',
    apiKey: 're_1',
    from: 'auth@example.com',
    baseUrl: 'http://127.0.0.1:9',
  })
  expect(readDataPlaneConfig({ ...BASE, PORTICO_TEST_CLOCK: '1' }).testClock).toBe(true)
  expect(readDataPlaneConfig({ ...BASE, DATA_PLANE_HOST: '::1' }).publicUrl).toBe('http://[::1]:4100')
})

test.each([
  '0.0.0.0',
  '::',
  '192.168.1.5',
  '10.0.0.1',
  '203.0.113.9',
  'fe80::1',
  '2001:db8::1',
  'myhost',
  'myhost.example',
  'localhost.example',
  '128.0.0.1',
])('development does not listen on %s: every client that reaches it could read mails', (host) => {
  const reads = { CONTROL_PLANE_HOST: readControlPlaneConfig, DATA_PLANE_HOST: readDataPlaneConfig, WORKER_HOST: readWorkerConfig }
  for (const [variable, read] of Object.entries(reads)) {
    const problem = expect.objectContaining({ variable, problem: expect.stringMatching(/loopback.*PORTICO_ENV=production/) })
    expect(() => read({ ...BASE, [variable]: host })).toThrow(expect.objectContaining({ problems: expect.arrayContaining([problem]) }))
    expect(() => read({ ...PRODUCTION, [variable]: host })).not.toThrow()
  }
})

test.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost', 'app.localhost'])('development listens on %s', (host) => {
  expect(readControlPlaneConfig({ ...BASE, CONTROL_PLANE_HOST: host }).listen.host).toBe(host)
})

test('an empty variable counts as unset, as compose files pass them', () => {
  expect(
    readDataPlaneConfig({ ...BASE, REDIS_URL: '', RESEND_API_KEY: ' ', DATA_PLANE_PORT: '', PORTICO_MASTER_KEY_PREVIOUS: '' }),
  ).toEqual(readDataPlaneConfig(BASE))
})

test('all problems are reported together, by name and never by value', () => {
  const env = {
    DATABASE_URL: 'mysql://secret-user:secret-password@host/x',
    REDIS_URL: 'http://secret-redis',
    PORTICO_ENV: 'staging-secret',
    PORTICO_MASTER_KEY: 'secret-key',
    PORTICO_MASTER_KEY_PREVIOUS: `${MASTER_KEY}secret`,
    CONTROL_PLANE_PORT: '70000',
    CONTROL_PLANE_HOST: 'http://secret-host',
    CONTROL_PLANE_METRICS_HOST: 'http://secret-host',
    CONTROL_PLANE_METRICS_PORT: '65536',
    CONTROL_PLANE_PUBLIC_URL: 'https://secret:secret@example.com',
    DATA_PLANE_PUBLIC_URL: 'secret.example.com',
    TRUSTED_PROXY_HOPS: '-1',
    PORTICO_TEST_CLOCK: 'secret',
    PORTICO_BOOTSTRAP_API_KEY: 'msk_live_secret',
    PORTICO_LOG_LEVEL: 'secret',
    DATABASE_POOL_SIZE: '1e3',
    RESEND_API_KEY: 're_secret\nX: y',
    RESEND_FROM_APP_AUTH: 'secret',
    RESEND_BASE_URL: 'ftp://secret',
  }
  const problems = problemsOf(readControlPlaneConfig, env)
  expect(Object.keys(problems).toSorted()).toEqual(Object.keys(env).toSorted())
  let message = ''
  try {
    readControlPlaneConfig(env)
  } catch (error) {
    message = (error as Error).message
  }
  expect(message).not.toMatch(/secret/)
  for (const variable of Object.keys(env)) expect(message).toContain(variable)
})

test('production refuses every development default and says what to set', () => {
  expect(Object.keys(problemsOf(readControlPlaneConfig, { PORTICO_ENV: 'production', PORTICO_TEST_CLOCK: '1' })).toSorted()).toEqual([
    'CONTROL_PLANE_PUBLIC_URL',
    'DATABASE_URL',
    'DATA_PLANE_PUBLIC_URL',
    'PORTICO_MASTER_KEY',
    'PORTICO_TEST_CLOCK',
    'TRUSTED_PROXY_HOPS',
  ])
  expect(problemsOf(readDataPlaneConfig, { ...PRODUCTION, DATA_PLANE_PUBLIC_URL: 'http://auth.example.com' })).toEqual({
    DATA_PLANE_PUBLIC_URL: 'must be https:// in production',
  })
  expect(Object.keys(problemsOf(readWorkerConfig, { PORTICO_ENV: 'production' })).toSorted()).toEqual([
    'DATABASE_URL',
    'DATA_PLANE_PUBLIC_URL',
    'PORTICO_MASTER_KEY',
  ])
  for (const read of [readControlPlaneConfig, readDataPlaneConfig, readWorkerConfig]) expect(problemsOf(read, PRODUCTION)).toEqual({})
})

test.each([
  ['RESEND_API_KEY', 're_1', 'RESEND_FROM_APP_AUTH'],
  ['RESEND_FROM_APP_AUTH', 'auth@example.com', 'RESEND_API_KEY'],
])('half a mail configuration (%s alone) stops the start', (given, value, missing) => {
  expect(Object.keys(problemsOf(readWorkerConfig, { ...BASE, [given]: value }))).toEqual([missing])
})

const SMTP = {
  SMTP_HOST: 'mail.example.com',
  SMTP_PORT: '465',
  SMTP_USER: 'portico',
  SMTP_PASSWORD: 'pw',
  SMTP_FROM: 'Example <auth@example.com>',
}

test('a mail server is read whole; on port 465 it speaks TLS from the first byte', () => {
  expect(readWorkerConfig({ ...BASE, ...SMTP }).email).toEqual({
    kind: 'smtp',
    host: 'mail.example.com',
    port: 465,
    security: 'tls',
    user: 'portico',
    password: 'pw',
    from: 'Example <auth@example.com>',
    retries: null,
  })
  const other = readWorkerConfig({ ...BASE, ...SMTP, SMTP_PORT: '2525', SMTP_RETRIES: '3' }).email
  expect(other).toMatchObject({ port: 2525, security: 'starttls', retries: 3 })
  expect(readDataPlaneConfig({ ...BASE, ...SMTP }).emailConfigured).toBe(true)
})

test.each(Object.keys(SMTP))('a mail server without %s stops the start with the list of what is missing', (missing) => {
  expect(Object.keys(problemsOf(readWorkerConfig, { ...BASE, ...SMTP, [missing]: '' }))).toEqual([missing])
  const alone = { [missing]: SMTP[missing as keyof typeof SMTP] }
  expect(Object.keys(problemsOf(readDataPlaneConfig, { ...BASE, ...alone })).toSorted()).toEqual(
    Object.keys(SMTP)
      .filter((name) => name !== missing)
      .toSorted(),
  )
})

test('two senders at once stop the start', () => {
  expect(
    Object.keys(problemsOf(readWorkerConfig, { ...BASE, ...SMTP, RESEND_API_KEY: 're_1', RESEND_FROM_APP_AUTH: 'a@b.example' })),
  ).toEqual(['SMTP_HOST'])
})

test('a previous master key that equals the current one is a mistake', () => {
  expect(Object.keys(problemsOf(readWorkerConfig, { ...BASE, PORTICO_MASTER_KEY_PREVIOUS: MASTER_KEY }))).toEqual([
    'PORTICO_MASTER_KEY_PREVIOUS',
  ])
})

test('a misspelt variable of ours is listed, other people’s are not', () => {
  expect(
    readDataPlaneConfig({ ...BASE, PORTICO_MASTERKEY: 'x', DATA_PLANE_PUBLICURL: 'x', PATH: '/bin', PORTICO_DATA_DIR: 'x' })
      .unknownVariables,
  ).toEqual(['DATA_PLANE_PUBLICURL', 'PORTICO_MASTERKEY'])
})

test('a service’s connection replaces whatever credentials the address carried, and keeps the rest', () => {
  expect(roleDatabaseUrl('postgresql://owner:hunter2@db:5433/portico?sslmode=require', 'portico_data', 'p_w-1')).toBe(
    'postgresql://portico_data:p_w-1@db:5433/portico?sslmode=require',
  )
  expect(roleDatabaseUrl('postgresql://db/portico', 'portico_data', 'p_w-1')).toBe('postgresql://portico_data:p_w-1@db/portico')
  expect(roleDatabaseUrl('postgresql://postgres.abcd:x@pooler:6543/postgres', 'portico_data', 'p_w-1')).toBe(
    'postgresql://portico_data.abcd:p_w-1@pooler:6543/postgres',
  )
})

test('a master key is 32 bytes in padded standard base64 and nothing else', () => {
  const text = Buffer.alloc(32, 0xfb).toString('base64')
  expect(readWorkerConfig({ ...BASE, PORTICO_MASTER_KEY: text }).masterKey).toEqual(Buffer.alloc(32, 0xfb))
  const sizes = [31, 33].map((size) => Buffer.alloc(size, 1).toString('base64'))
  for (const wrong of [text.slice(0, -1), text.replaceAll('+', '-'), `${'A'.repeat(42)}B=`, ...sizes]) {
    expect(Object.keys(problemsOf(readWorkerConfig, { ...BASE, PORTICO_MASTER_KEY: wrong })), wrong).toEqual(['PORTICO_MASTER_KEY'])
  }
})
