import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { digestToken } from '@portico/crypto/token-digest'
import { LIMIT_NAMES } from '@portico/kernel/settings/limits'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { startDataPlane, TEST_PUBLIC_URL, type RunningDataPlane } from '../support/data-plane.js'
import { createTestDatabase, forServices, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'
import { makeDirectory, type DirectoryThings } from './own-directory.js'
import { makeOrganization, type OrganizationThings } from './own-organization.js'
import { makeSso, type SsoThings } from './own-sso.js'
import { SHARED_CLIENT, SHARED_PROVIDER, startSharedIssuer, type SharedIssuer } from './shared-issuer.js'
import {
  APP,
  captureGuardedCredentials,
  RP_ID,
  captureCredentials,
  type Call,
  type GuardedCredentials,
  type CapturedCredentials,
} from './captured-credentials.js'

/** What one tenant has on the control plane: everything that another one could copy into a request. */
export interface TenantCredentials {
  name: string
  tenantId: string
  apiKey: string
  /** A second key, to be listed and revoked. */
  keyId: string
  projectId: string
  hostname: string
  domainId: string
  instanceId: string
  /** Of its team. */
  memberId: string
  /** A role of its own. */
  roleName: string
  webhookId: string
  webhookDeliveryId: string
  tenantWebhookId: string
  tenantDeliveryId: string
  webhookReplayId: string
  tenantReplayId: string
  secret: string
  kid: string
  /** In the metadata of its project and users; it must never be seen by others. */
  marker: string
  secondProjectId: string
}

/** What one end user of a project has. */
export interface PersonCredentials {
  tenant: TenantCredentials
  email: string
  password: string
  userId: string
  accessToken: string
  refreshToken: string
  sessionId: string
  secondSessionId: string
  oneTimeTokens: Record<string, string>
  signIn: CapturedCredentials
  /** Somebody else of the same project, with second factors. */
  guarded: GuardedCredentials
  organization: OrganizationThings
  directory: DirectoryThings
  sso: SsoThings
}

export interface RawAnswer {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

export interface RawRequest {
  method: string
  /** Sent as it is: nothing normalises it. */
  path: string
  headers?: Record<string, string>
  body?: string
}

export interface Stage {
  database: TestDatabase
  owner: Connection
  control: TestControlPlane
  data: RunningDataPlane
  a: TenantCredentials
  b: TenantCredentials
  operatorKey: string
  /** Both tenants are its clients. */
  issuer: SharedIssuer
  apps: { control: NestFastifyApplication; data: NestFastifyApplication }
  send(plane: 'control' | 'data', request: RawRequest): Promise<RawAnswer>
  /** The same person, with another password, in both projects. */
  people(): Promise<[PersonCredentials, PersonCredentials]>
  /** Somebody new in the first project alone. */
  person(): Promise<PersonCredentials>
  /** Makes anew what a tenant has given up by its own requests: the second project and key, the instance and the domain. */
  refit(): Promise<void>
  /** Digest of every row that belongs to the tenant, of whatever table has a `project_id` or `tenant_id`. */
  checksum(tenant: TenantCredentials): Promise<string>
  close(): Promise<void>
}

// What is under test is who gets in, not how slow hashing is: thousands of accounts are made.
const quickHasher = () =>
  new PasswordHasher({
    engine: {
      hash: async (password) => `$quick$${createHash('sha256').update(password).digest('hex')}`,
      verify: async (hash, password) => hash === `$quick$${createHash('sha256').update(password).digest('hex')}`,
    },
  })

const ALL_LIMITS_HIGH = Object.fromEntries(LIMIT_NAMES.map((name) => [name, { points: 1_000_000, window_seconds: 60 }]))

/** Both planes on one database, and two tenants whose projects hold the same addresses. */
export async function stageTwoTenants(
  options: {
    /** Where the planes reach the database, which may be a way that breaks. */
    through?: (url: string) => Promise<string>
    hasher?: PasswordHasher
    logTo?: (line: string) => void
  } = {},
): Promise<Stage> {
  const database = await createTestDatabase()
  const owner = await connect(database.url)
  const url = (await options.through?.(database.url)) ?? database.url
  const logTo = options.logTo && { logTo: options.logTo }
  const data = await startDataPlane({ ...database, url }, { hasher: options.hasher ?? quickHasher(), ...logTo })
  const control = await startControlPlane({
    config: { databaseUrl: forServices(url), dataPlanePublicUrl: TEST_PUBLIC_URL, trustedProxyHops: 1 },
    // Each tenant's own domain is proved by its marker, and nothing else is.
    overrides: { domainDns: { txt: async (name) => [name.replace('_portico.', '').split('.')[0] ?? ''], pointsTo: async () => false } },
    ...logTo,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  let sent = 0

  const send = async (plane: 'control' | 'data', request: RawRequest): Promise<RawAnswer> => {
    sent += 1
    // Neither are those of a whole installation, which no setting raises: 120 a minute for what is typed in at the console.
    // Whatever a call holds just now stays: who never waits is in no deadlock.
    if (sent % 50 === 0)
      await owner.query('delete from limits.rate_limit where key = any(array(select key from limits.rate_limit for update skip locked))')
    return exchange(plane, request)
  }
  const exchange = (plane: 'control' | 'data', { method, path, headers = {}, body }: RawRequest): Promise<RawAnswer> =>
    new Promise((done, fail) => {
      const { hostname, port } = new URL(plane === 'control' ? control.url : data.url)
      const request = httpRequest(
        {
          agent,
          hostname,
          port,
          method,
          path,
          headers: {
            // An address of its own per call: limits by client are not what is tested here.
            'x-forwarded-for': `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), headers: response.headers }),
          )
          response.on('error', fail)
        },
      )
      request.on('error', fail)
      request.end(body)
    })

  const issuer = await startSharedIssuer()
  const a = await makeTenant(control, owner, issuer, 'a')
  const b = await makeTenant(control, owner, issuer, 'b')
  const purposes = await oneTimePurposes(owner)
  let people = 0

  const somebody = async (tenants: TenantCredentials[]): Promise<PersonCredentials[]> => {
    people += 1
    // Some samples turn their own project off.
    for (const tenant of tenants) await control.call('POST', `projects/${tenant.projectId}/auth`, {}, { key: tenant.apiKey })
    const email = `person${people}.${randomBytes(3).toString('hex')}@example.com`
    const context = { send, owner, issuer, purposes, now: () => data.clock.now() }
    return Promise.all(tenants.map((tenant) => makePerson(context, tenant, email)))
  }

  return {
    database,
    owner,
    control,
    data,
    a,
    b,
    operatorKey: control.key,
    issuer,
    apps: { control: control.plane.app, data: data.app },
    send,
    people: async () => (await somebody([a, b])) as [PersonCredentials, PersonCredentials],
    person: async () => (await somebody([a]))[0] as PersonCredentials,
    refit: async () => {
      for (const tenant of [a, b]) Object.assign(tenant, await makeThings(control, owner, tenant))
    },
    checksum: (tenant) => checksum(owner, tenant),
    close: async () => {
      agent.destroy()
      await control.stop()
      await data.close()
      await issuer.close()
      await owner.close()
      await database.drop()
    },
  }
}

async function must(control: TestControlPlane, key: string | undefined, method: string, path: string, body: unknown) {
  const answer = await control.call(method, path, body, key === undefined ? {} : { key })
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
  return answer.body.data
}

async function makeTenant(control: TestControlPlane, owner: Connection, issuer: SharedIssuer, name: string): Promise<TenantCredentials> {
  const marker = `only-${name}-${randomBytes(8).toString('hex')}`
  const tenant = await must(control, undefined, 'POST', 'tenants', { name: `Tenant ${marker}` })
  const apiKey = tenant.api_key.key as string
  const project = await must(control, apiKey, 'POST', 'projects', { name: 'Same name', metadata: { marker } })
  // Every way in is on, and both belong to the same website.
  const auth = await must(control, apiKey, 'POST', `projects/${project.id}/auth`, {
    limits: ALL_LIMITS_HIGH,
    redirect_urls: [APP],
    site_url: APP,
    rp_id: RP_ID,
    mfa: 'optional',
    organizations: 'self_service',
    providers: ['email', 'magic_link', 'email_otp', 'passkey', SHARED_PROVIDER],
  })
  await must(control, apiKey, 'PUT', `projects/${project.id}/auth/providers/${SHARED_PROVIDER}`, {
    client_id: SHARED_CLIENT,
    client_secret: `secret of ${marker}`,
    issuer: issuer.issuer,
  })
  const { env } = await must(control, apiKey, 'GET', `projects/${project.id}/runtime-env`, undefined)
  const made = {
    name,
    tenantId: tenant.id as string,
    apiKey,
    projectId: project.id as string,
    secret: env.AUTH_JWT_SECRET as string,
    kid: auth.keys[0].kid as string,
    marker,
  }
  return { ...made, ...(await makeThings(control, owner, made)) }
}

async function makeThings(
  control: TestControlPlane,
  owner: Connection,
  { apiKey, projectId, marker }: Pick<TenantCredentials, 'apiKey' | 'projectId' | 'marker'>,
) {
  // A sample may have turned the project off.
  await must(control, apiKey, 'POST', `projects/${projectId}/auth`, {})
  const key = await must(control, apiKey, 'POST', 'api-keys', { name: marker, scopes: ['projects:read'] })
  const other = await must(control, apiKey, 'POST', 'projects', { name: 'Second', metadata: { marker } })
  const instance = await must(control, apiKey, 'POST', `projects/${projectId}/instances`, { name: marker })
  const roleName = `r-${randomBytes(4).toString('hex')}`
  await must(control, apiKey, 'POST', 'roles', { name: roleName, description: marker, permissions: ['projects.read'] })
  const memberId = randomUUID()
  await owner.query(
    `insert into platform.member (tenant_id, user_id, role, source, created_at, updated_at)
      select tenant_id, $2, 'viewer', 'team', now(), now() from platform.project where id = $1`,
    [bare(projectId), memberId],
  )
  await owner.query('delete from auth.webhook_endpoint where project_id = $1', [bare(projectId)])
  const endpoint = { url: 'https://93.184.216.34/portico', description: marker }
  const webhook = await must(control, apiKey, 'POST', `projects/${projectId}/webhooks`, endpoint)
  const delivery = await must(control, apiKey, 'POST', `projects/${projectId}/webhooks/${webhook.id}/test`, undefined)
  const range = { since: new Date(Date.now() - 60_000).toISOString() }
  const replay = await must(control, apiKey, 'POST', `projects/${projectId}/webhooks/${webhook.id}/replay`, range)
  await owner.query('delete from platform.webhook_endpoint e using platform.project p where p.tenant_id = e.tenant_id and p.id = $1', [
    bare(projectId),
  ])
  const ofTenant = await must(control, apiKey, 'POST', 'webhooks', { ...endpoint, project_ids: [projectId] })
  const toTenant = await must(control, apiKey, 'POST', `webhooks/${ofTenant.id}/test`, undefined)
  const tenantReplay = await must(control, apiKey, 'POST', `webhooks/${ofTenant.id}/replay`, range)
  // As if a worker had done them: of one endpoint one runs at a time.
  await owner.query(`update platform.webhook_replay set status = 'done', done_at = now()`)
  // Turned off, so that nobody is called.
  await must(control, apiKey, 'PUT', `projects/${projectId}/hooks/before_password_change`, { url: endpoint.url, on_failure: 'allow', enabled: false })
  const hostname = `${marker}.example.com`
  const domainId = randomUUID()
  await owner.query('delete from auth.domain where project_id = $1', [bare(projectId)])
  await owner.query(
    `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, created_at) values ($1, $2, $3, $4, now(), now())`,
    [bare(projectId), domainId, hostname, marker],
  )
  const made = { keyId: key.id as string, secondProjectId: other.id as string, instanceId: instance.id as string }
  const hooks = { webhookId: webhook.id as string, webhookDeliveryId: delivery.id as string,
    tenantWebhookId: ofTenant.id as string, tenantDeliveryId: toTenant.id as string,
    webhookReplayId: replay.id as string, tenantReplayId: tenantReplay.id as string }
  return { ...made, ...hooks, memberId, roleName, hostname, domainId }
}

/** The UUID of a printed id. */
export function bare(id: string): string {
  return id.slice(id.indexOf('_') + 1)
}

interface PersonContext {
  send: Stage['send']
  owner: Connection
  issuer: SharedIssuer
  purposes: string[]
  now: () => Date
}

async function makePerson(
  { send, owner, issuer, purposes, now }: PersonContext,
  tenant: TenantCredentials,
  email: string,
): Promise<PersonCredentials> {
  const password = `password of ${tenant.name} ${randomBytes(6).toString('hex')}`
  const call: Call = async (method, path, { body, token, status = 200 } = {}) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await send('data', {
      method,
      path: `/${tenant.projectId}${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.status !== status && !(status === 200 && answer.status === 201))
      throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
    return { body: answer.text.startsWith('{') ? (JSON.parse(answer.text) as Record<string, unknown>) : {}, headers: answer.headers }
  }
  const signedUp = (await call('POST', '/signup', { body: { email, password, metadata: { marker: tenant.marker } } })).body as {
    user_id: string
    access_token: string
  }
  const again = (await call('POST', '/login', { body: { email, password } })).body as { access_token: string; refresh_token: string }
  const oneTimeTokens = Object.fromEntries(purposes.map((purpose) => [purpose, randomBytes(32).toString('base64url')]))
  const payload = JSON.stringify({ email, new_address: `new.${email}`, old_address: `old.${email}` })
  await owner.query(
    `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at) select $1, d, p, $4, $5, $6, $7 from unnest($2::bytea[], $3::text[]) x(d, p)`,
    [
      bare(tenant.projectId),
      Object.values(oneTimeTokens).map(digestToken),
      purposes,
      signedUp.user_id,
      payload,
      now(),
      new Date(now().getTime() + 3_600_000),
    ],
  )
  const stage = { call, owner, issuer, projectId: bare(tenant.projectId), now }
  const guarded = await captureGuardedCredentials(stage, { email: `guarded.${email}`, password: `guarded ${password}` })
  const organization = await makeOrganization(owner, {
    projectId: bare(tenant.projectId),
    userId: signedUp.user_id,
    email,
    memberId: guarded.userId,
    marker: tenant.marker,
  })
  return {
    tenant,
    email,
    password,
    userId: signedUp.user_id,
    accessToken: again.access_token,
    refreshToken: again.refresh_token,
    sessionId: sessionOf(again.access_token),
    secondSessionId: sessionOf(signedUp.access_token),
    oneTimeTokens,
    signIn: await captureCredentials(stage, { email, password, userId: signedUp.user_id, accessToken: again.access_token }),
    guarded,
    organization,
    directory: await makeDirectory(owner, {
      projectId: bare(tenant.projectId), organizationId: organization.id, marker: tenant.marker,
    }),
    sso: await makeSso(owner, {
      projectId: bare(tenant.projectId), userId: signedUp.user_id, marker: tenant.marker, redirectTo: APP,
    }),
  }
}

function sessionOf(accessToken: string): string {
  const payload = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as { sid: string }
  return payload.sid
}

/** Every purpose the table knows, so that a new one is tried on the day it is added. */
async function oneTimePurposes(owner: Connection): Promise<string[]> {
  const rows = await owner.query<{ text: string }>(
    `select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = 'auth.one_time_token'::regclass and contype = 'c'`,
  )
  return rows.flatMap(({ text }) => [...text.matchAll(/'([a-z_]+)'::text/g)].map((match) => match[1] as string))
}

async function checksum(owner: Connection, tenant: TenantCredentials): Promise<string> {
  const tables = await owner.query<{ name: string; column: string }>(
    `select c.oid::regclass::text as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relnamespace in ('auth'::regnamespace, 'platform'::regnamespace) and a.attname in ('project_id', 'tenant_id')
      order by 1, 2`,
  )
  const parts = tables.map(({ name, column }) => {
    const ids =
      column === 'tenant_id' ? `= '${bare(tenant.tenantId)}'` : `in ('${bare(tenant.projectId)}', '${bare(tenant.secondProjectId)}')`
    // When a key was last used is written now and then, by any use of it.
    const row = name === 'platform.api_key' ? `(to_jsonb(t) - 'last_used_at')::text` : 't::text'
    return `select '${name}' as name, coalesce(md5(string_agg(${row}, '|' order by ${row})), '') || count(*) as sum from ${name} t where t.${column} ${ids}`
  })
  const rows = await owner.query<{ name: string; sum: string }>(`${parts.join(' union all ')} order by 1, 2`)
  return rows.map((row) => `${row.name} ${row.sum}`).join('\n')
}
