import { randomBytes, randomUUID } from 'node:crypto'
import { deriveToken, digestToken } from '@portico/crypto/token-digest'
import { signingKeyContext, tokenKeyContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import { createLogger } from '@portico/http/request-log'
import { listRoutes, type RouteEntry } from '@portico/http/route-table'
import { listen } from '@portico/http/start-app'
import { MovableClock } from '@portico/kernel/clock'
import { systemEntropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import { generateSigningKey, type SigningAlgorithm } from '@portico/tokens/signing-key'
import { Client } from 'pg'
import type { ObservabilityConfig } from '@portico/config/observability-config'
import { createDataPlane, type DataPlane, type DataPlaneParts } from '../../apps/data-plane/plane.js'
import { withAdmin } from './admin-client.js'
import { forServices, testMasterKey, type TestDatabase } from './postgres.js'
import { noteChange } from './sql.js'
import { closeApp } from './close-app.js'
import { QUICK_FEED_MS } from './quick-feed.js'

export interface RunningDataPlane {
  /** `http://127.0.0.1:<port>` */
  url: string
  app: DataPlane['app']
  /** What `GET /metrics` answers on its own listener. */
  metrics(): Promise<string>
  clock: MovableClock
  routes: RouteEntry[]
  close(): Promise<void>
}

export interface DataPlaneOptions {
  clock?: MovableClock
  redisUrl?: string | null
  emailConfigured?: boolean
  tlsAskSecret?: string
  trustedProxyHops?: number
  /** Default 10. */
  databasePoolSize?: number
  publicUrl?: string
  hasher?: NonNullable<DataPlaneParts['hasher']>
  /** Default: the run's. */
  masterKey?: Buffer
  previousMasterKey?: Buffer
  /** Of the database roles. Default `portico`. */
  rolePrefix?: string
  /** Instead of the DNS. */
  txtRecords?: NonNullable<DataPlaneParts['txtRecords']>
  observability?: Partial<ObservabilityConfig>
  /** Default `QUICK_FEED_MS`; where it is about how soon something is heard of, the product's own. */
  changeFeedMs?: number
  /** Gets every log line. */
  logTo?: (line: string) => void
}

/** The real data plane in this process, on a port of its own, against a test database. */
export async function startDataPlane(database: TestDatabase, options: DataPlaneOptions = {}): Promise<RunningDataPlane> {
  const clock = options.clock ?? new MovableClock()
  const plane = await createDataPlane({
    clock,
    logger: options.logTo
      ? createLogger({ service: 'data-plane', level: 'trace', destination: { write: options.logTo } })
      : createLogger({ service: 'data-plane', level: process.env['TEST_LOG'] === '1' ? 'info' : 'silent' }),
    ...(options.hasher && { hasher: options.hasher }),
    ...(options.txtRecords && { txtRecords: options.txtRecords }),
    changeFeedMs: options.changeFeedMs ?? QUICK_FEED_MS,
    config: {
      environment: 'development',
      databaseUrl: forServices(database.url),
      directDatabaseUrl: database.url,
      databaseRolePrefix: options.rolePrefix ?? 'portico',
      databasePoolSize: options.databasePoolSize ?? 10,
      redisUrl: options.redisUrl ?? null,
      masterKey: options.masterKey ?? testMasterKey(),
      previousMasterKey: options.previousMasterKey ?? null,
      testClock: true,
      logLevel: 'silent',
      observability: { traces: false, attemptedAddresses: 'hashed', topProjects: 0, ...options.observability },
      allowLoopbackProviders: true,
      captchaVerifyUrl: null,
      tlsAskSecret: options.tlsAskSecret ?? null,
      processes: 1,
      unknownVariables: [],
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      publicUrl: options.publicUrl ?? TEST_PUBLIC_URL,
      trustedProxyHops: options.trustedProxyHops ?? 1,
      emailConfigured: options.emailConfigured ?? false,
    },
  })
  const { url } = await listen(plane.app, { host: '127.0.0.1', port: 0 })
  return {
    url,
    app: plane.app,
    metrics: async () => (await plane.metricsServer.inject('/metrics')).body,
    clock,
    routes: listRoutes(plane.app),
    close: async () => {
      await closeApp(plane.app)
      for (const step of plane.stopSteps) await step.run()
    },
  }
}

/** What `AUTH_URL` starts with in these tests; requests go to the real port. */
export const TEST_PUBLIC_URL = 'https://auth.test.example'

export interface TestProject {
  id: string
  /** `/proj_<uuid>`: append it to the plane's URL. */
  path: string
  kid: string
  /** HS256: the 64 hex characters; ES256: the private JWK. */
  secret: string
}

export interface TestProjectOptions {
  name?: string
  settings?: Record<string, unknown>
  enabled?: boolean
  everEnabled?: boolean
  archived?: boolean
  alg?: SigningAlgorithm
  externalId?: string
  resourceType?: 'project' | 'sandbox' | 'deployment'
  /** A verified custom domain. */
  hostname?: string
}

/** An enabled project with one signing key, written as the owner of the database. */
export async function createTestProject(database: TestDatabase, options: TestProjectOptions = {}): Promise<TestProject> {
  const id = randomUUID()
  const tenantId = randomUUID()
  const key = await generateSigningKey(options.alg ?? 'HS256', systemEntropy)
  const box = new SealedBox({ current: testMasterKey() })
  const sealed = box.seal(key.secret, signingKeyContext(id, key.kid))
  const slug = randomBytes(6).toString('hex')
  await withAdmin(database.url, async (client) => {
    await client.query(`insert into platform.tenant (id, name, slug, created_at, updated_at) values ($1, 'Test', $2, now(), now())`, [tenantId, slug])
    await client.query(
      `insert into platform.project (id, tenant_id, name, slug, resource_type, external_project_id, created_at, updated_at, archived_at)
        values ($1, $2, $3, $4, $5, $6, now(), now(), $7)`,
      [
        id,
        tenantId,
        options.name ?? 'Test app',
        slug,
        options.resourceType ?? 'project',
        options.externalId ?? null,
        options.archived ? new Date() : null,
      ],
    )
    const ever = options.everEnabled ?? true
    await client.query('update auth.service set enabled = $2, first_enabled_at = $3, settings = $4, token_key_sealed = $5 where project_id = $1', [
      id,
      ever && (options.enabled ?? true),
      ever ? new Date() : null,
      JSON.stringify(options.settings ?? {}),
      box.seal(randomBytes(32), tokenKeyContext(id)),
    ])
    await client.query(
      `insert into auth.signing_key (project_id, kid, alg, state, sealed, public_jwk, created_at, activated_at) values ($1, $2, $3, 'current', $4, $5, now(), now())`,
      [id, key.kid, key.alg, sealed, key.publicJwk && JSON.stringify(key.publicJwk)],
    )
    if (options.hostname !== undefined) {
      await client.query(
        `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, created_at) values ($1, $2, $3, 'x', now(), now())`,
        [id, randomUUID(), options.hostname],
      )
    }
  })
  return { id, path: `/${formatId('proj', id)}`, kid: key.kid, secret: key.secret }
}

/** Replaces the project's settings; running planes hear of it. */
export async function changeTestSettings(database: TestDatabase, project: TestProject, settings: Record<string, unknown>): Promise<void> {
  await withAdmin(database.url, async (client) => {
    await client.query('update auth.service set settings = $2 where project_id = $1', [project.id, JSON.stringify(settings)])
    await noteChange(client, project.id)
  })
}

/** One connection as the owner for looking at rows. */
export async function openAdmin(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  return client
}

/** Stores a one-time token as the worker would when it writes the mail, and answers the token. */
export async function mintOneTimeToken(
  admin: Client,
  project: TestProject,
  input: { userId: string; purpose: string; payload: Record<string, unknown>; now: Date; ttlSeconds?: number },
): Promise<string> {
  const token = deriveToken(randomBytes(32), ['test'])
  await admin.query(
    `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      project.id,
      digestToken(token),
      input.purpose,
      input.userId,
      JSON.stringify(input.payload),
      input.now,
      new Date(input.now.getTime() + (input.ttlSeconds ?? 3600) * 1000),
    ],
  )
  return token
}

export interface Answer {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
  text: string
}

export interface CallOptions {
  method?: string
  body?: unknown
  token?: string | undefined
  headers?: Record<string, string>
  /** The client address the test pretends to come from, one per call unless given, so that limits do not meet. */
  ip?: string
}

let nextAddress = 0

/** One HTTP call; a body makes it a POST. */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  nextAddress += 1
  const ip = options.ip ?? `10.${(nextAddress >> 16) & 255}.${(nextAddress >> 8) & 255}.${nextAddress & 255}`
  const response = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      'x-forwarded-for': ip,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

let nextUser = 0

/** A password nothing refuses. */
export const PASSWORD = 'correct horse battery 9!'

/** Signs a new user up and answers the session. */
export async function signUp(base: string, options: { email?: string; password?: string; metadata?: Record<string, unknown> } = {}) {
  nextUser += 1
  const email = options.email ?? `user${nextUser}.${randomBytes(3).toString('hex')}@example.com`
  const password = options.password ?? PASSWORD
  const answer = await call(`${base}/signup`, { body: { email, password, ...(options.metadata && { metadata: options.metadata }) } })
  if (answer.status !== 201) throw new Error(`sign-up answered ${answer.status}: ${answer.text}`)
  return {
    email,
    password,
    userId: answer.body.user_id as string,
    accessToken: answer.body.access_token as string,
    refreshToken: answer.body.refresh_token as string,
    answer,
  }
}
