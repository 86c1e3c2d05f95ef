import { randomBytes } from 'node:crypto'
import type { ControlPlaneConfig } from '@portico/config/control-plane-config'
import { createLogger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { createControlPlane, type ControlPlane, type ControlPlaneOverrides } from '../../apps/control-plane/plane.js'
import { createTestDatabase, forServices, testMasterKey, type TestDatabase } from './postgres.js'
import { closeApp } from './close-app.js'
import { QUICK_FEED_MS } from './quick-feed.js'

export interface Answer {
  status: number
  // Tests look into answers of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
  text: string
  headers: Headers
}

export interface CallOptions {
  key?: string | null
  headers?: Record<string, string>
  /** Sent as it is instead of JSON. */
  raw?: string
}

export interface TestControlPlane {
  url: string
  database: TestDatabase
  plane: ControlPlane
  /** Of this start; `null`: there is an owner, or none is asked for. */
  setUpCode: string | null
  /** The bootstrap key: every scope, tenant `default`. */
  key: string
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>
  /** Moves the product's clock of this plane. */
  advance(seconds: number): Promise<void>
  stop(): Promise<void>
}

/** As in production: nobody is in without a sign-in or a key. */
export function testConsole(change: Partial<ControlPlaneConfig['console']> = {}): ControlPlaneConfig['console'] {
  return {
    access: 'password',
    gate: 'auto',
    production: false,
    acceptOpenRisk: false,
    token: null,
    oidc: null,
    localLogin: true,
    initialOwnerEmail: null,
    demo: false,
    ...change,
  }
}

export const DATA_PLANE_URL = 'https://auth.example.test'

export interface StartOptions {
  config?: Partial<ControlPlaneConfig>
  overrides?: ControlPlaneOverrides
  /** Gets every log line. */
  logTo?: (line: string) => void
  /** A second process on the same database. */
  beside?: TestControlPlane
}

/** The control plane, whole, on real Postgres and a port of its own. Call `stop()` in `afterAll`. */
export async function startControlPlane(options: StartOptions = {}): Promise<TestControlPlane> {
  const database = options.beside?.database ?? (await createTestDatabase())
  const key = options.beside?.key ?? `msk_live_${randomBytes(32).toString('base64url')}`
  const config: ControlPlaneConfig = {
    environment: 'development',
    databaseUrl: forServices(database.url),
    directDatabaseUrl: database.url,
    replicaDatabaseUrl: null,
    databaseRolePrefix: 'portico',
    databasePoolSize: 8,
    redisUrl: null,
    masterKey: testMasterKey(),
    previousMasterKey: null,
    testClock: true,
    logLevel: 'silent',
      observability: { traces: false, attemptedAddresses: 'hashed', topProjects: 0 },
    allowLoopbackProviders: true,
    unknownVariables: [],
    listen: { host: '127.0.0.1', port: 0 },
    metrics: { host: '127.0.0.1', port: 0 },
    publicUrl: 'https://control.example.test',
    dataPlanePublicUrl: DATA_PLANE_URL,
    bootstrapApiKey: key,
    trustedProxyHops: 0,
    emailConfigured: false,
    resend: null,
    resendWebhookSecret: null,
    resendBaseUrl: null,
    devInbox: true,
    console: testConsole(),
    ...options.config,
  }
  const logger = options.logTo
    ? createLogger({ service: 'control-plane', level: 'info', destination: { write: options.logTo } })
    : createLogger({ service: 'control-plane', level: process.env['TEST_LOG'] ? 'debug' : 'fatal' })
  const plane = await createControlPlane(config, logger, { changeFeedMs: QUICK_FEED_MS, ...options.overrides })
  await plane.useCases.bootstrap.execute(config.bootstrapApiKey)
  const { setUpCode } = await plane.useCases.startConsole.execute()
  const { url } = await listen(plane.app, config.listen)

  const call = async (method: string, path: string, body?: unknown, { key: as, headers, raw }: CallOptions = {}): Promise<Answer> => {
    const bearer = as === undefined ? key : as
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${url}${path.startsWith('/') ? path : `/api/v1/${path}`}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(payload !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload !== undefined && { body: payload }),
    })
    const text = await response.text()
    const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: json ? JSON.parse(text) : null, text, headers: response.headers }
  }

  return {
    setUpCode,
    url,
    database,
    plane,
    key,
    call,
    advance: async (seconds) => {
      await call('POST', '/__test/clock', { advance_seconds: seconds })
    },
    stop: async () => {
      await closeApp(plane.app)
      await plane.close()
      if (!options.beside) await database.drop()
    },
  }
}

/** A project with its id, ready for use. */
export async function makeProject(
  plane: TestControlPlane,
  options: { enable?: Record<string, unknown> | true; key?: string; name?: string } = {},
): Promise<string> {
  const key = options.key === undefined ? {} : { key: options.key }
  const made = await plane.call('POST', 'projects', { name: options.name ?? 'Blue Bakery' }, key)
  if (made.status !== 201) throw new Error(`no project: ${made.text}`)
  const id = made.body.data.id as string
  if (options.enable !== undefined) {
    const enabled = await plane.call('POST', `projects/${id}/auth`, options.enable === true ? {} : options.enable, key)
    if (enabled.status !== 201) throw new Error(`not enabled: ${enabled.text}`)
  }
  return id
}

/** Another tenant's first key: every scope but the operator's. */
export async function makeTenant(plane: TestControlPlane, name = 'Other'): Promise<string> {
  const made = await plane.call('POST', 'tenants', { name })
  if (made.status !== 201) throw new Error(`no tenant: ${made.text}`)
  return made.body.data.api_key.key as string
}
