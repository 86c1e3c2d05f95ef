import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { digestToken } from '@portico/crypto/token-digest'
import { LIMIT_NAMES } from '@portico/kernel/project-settings'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { startDataPlane, TEST_PUBLIC_URL, type RunningDataPlane } from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'

/** What one tenant has on the control plane: everything that another one could copy into a request. */
export interface TenantLoot {
  name: string
  tenantId: string
  apiKey: string
  /** A second key, to be listed and revoked. */
  keyId: string
  projectId: string
  hostname: string
  domainId: string
  instanceId: string
  secret: string
  kid: string
  /** In the metadata of its project and users; it must never be seen by others. */
  marker: string
  secondProjectId: string
}

/** What one end user of a project has. */
export interface PersonLoot {
  tenant: TenantLoot
  email: string
  password: string
  userId: string
  accessToken: string
  refreshToken: string
  sessionId: string
  secondSessionId: string
  oneTimeTokens: Record<string, string>
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
  a: TenantLoot
  b: TenantLoot
  operatorKey: string
  apps: { control: NestFastifyApplication; data: NestFastifyApplication }
  send(plane: 'control' | 'data', request: RawRequest): Promise<RawAnswer>
  /** The same person, with another password, in both projects. */
  people(): Promise<[PersonLoot, PersonLoot]>
  /** Digest of every row that belongs to the tenant, of whatever table has a `project_id` or `tenant_id`. */
  checksum(tenant: TenantLoot): Promise<string>
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
export async function stageTwoTenants(): Promise<Stage> {
  const database = await createTestDatabase()
  const owner = await connect(database.url)
  const data = await startDataPlane(database, { hasher: quickHasher() })
  const control = await startControlPlane({
    config: { databaseUrl: database.url, dataPlanePublicUrl: TEST_PUBLIC_URL, trustedProxyHops: 1 },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  let sent = 0

  const send = (plane: 'control' | 'data', { method, path, headers = {}, body }: RawRequest): Promise<RawAnswer> =>
    new Promise((done, fail) => {
      sent += 1
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
          response.on('end', () => done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), headers: response.headers }))
          response.on('error', fail)
        },
      )
      request.on('error', fail)
      request.end(body)
    })

  const a = await makeTenant(control, owner, 'a')
  const b = await makeTenant(control, owner, 'b')
  const purposes = await oneTimePurposes(owner)
  let people = 0

  return {
    database,
    owner,
    control,
    data,
    a,
    b,
    operatorKey: control.key,
    apps: { control: control.plane.app, data: data.app },
    send,
    people: async () => {
      people += 1
      // Some samples turn their own project off.
      for (const tenant of [a, b]) await control.call('POST', `projects/${tenant.projectId}/auth`, {}, { key: tenant.apiKey })
      const email = `person${people}.${randomBytes(3).toString('hex')}@example.com`
      return [await makePerson(send, owner, a, email, purposes), await makePerson(send, owner, b, email, purposes)]
    },
    checksum: (tenant) => checksum(owner, tenant),
    close: async () => {
      agent.destroy()
      await control.stop()
      await data.close()
      await owner.close()
      await database.drop()
    },
  }
}

async function makeTenant(control: TestControlPlane, owner: Connection, name: string): Promise<TenantLoot> {
  const must = async (method: string, path: string, body: unknown, key?: string) => {
    const answer = await control.call(method, path, body, key === undefined ? {} : { key })
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
    return answer.body.data
  }
  const marker = `only-${name}-${randomBytes(8).toString('hex')}`
  const tenant = await must('POST', 'tenants', { name: `Tenant ${marker}` })
  const key = tenant.api_key.key as string
  const second = await must('POST', 'api-keys', { name: marker, scopes: ['projects:read'] }, key)
  const project = await must('POST', 'projects', { name: 'Same name', metadata: { marker } }, key)
  const other = await must('POST', 'projects', { name: 'Second', metadata: { marker } }, key)
  const auth = await must('POST', `projects/${project.id}/auth`, { limits: ALL_LIMITS_HIGH, redirect_urls: ['https://app.example'] }, key)
  const instance = await must('POST', `projects/${project.id}/instances`, { name: marker }, key)
  const hostname = `${marker}.example.com`
  const domainId = randomUUID()
  await owner.query(
    `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, created_at) values ($1, $2, $3, $4, now(), now())`,
    [bare(project.id), domainId, hostname, marker],
  )
  return {
    name,
    tenantId: tenant.id,
    apiKey: key,
    keyId: second.id,
    projectId: project.id,
    secondProjectId: other.id,
    hostname,
    domainId,
    instanceId: instance.id,
    secret: instance.env.AUTH_JWT_SECRET,
    kid: auth.keys[0].kid,
    marker,
  }
}

/** The UUID of a printed id. */
export function bare(id: string): string {
  return id.slice(id.indexOf('_') + 1)
}

async function makePerson(send: Stage['send'], owner: Connection, tenant: TenantLoot, email: string, purposes: string[]): Promise<PersonLoot> {
  const password = `password of ${tenant.name} ${randomBytes(6).toString('hex')}`
  const post = async (path: string, body: unknown) => {
    const answer = await send('data', { method: 'POST', path: `/${tenant.projectId}${path}`, body: JSON.stringify(body) })
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
    return JSON.parse(answer.text) as { user_id: string; access_token: string; refresh_token: string }
  }
  const signedUp = await post('/signup', { email, password, metadata: { marker: tenant.marker } })
  const again = await post('/login', { email, password })
  const oneTimeTokens: Record<string, string> = {}
  const now = new Date()
  for (const purpose of purposes) {
    const token = randomBytes(32).toString('base64url')
    oneTimeTokens[purpose] = token
    const payload = { email, new_address: `new.${email}`, old_address: `old.${email}` }
    await owner.query(
      `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [bare(tenant.projectId), digestToken(token), purpose, signedUp.user_id, JSON.stringify(payload), now, new Date(now.getTime() + 3_600_000)],
    )
  }
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

async function checksum(owner: Connection, tenant: TenantLoot): Promise<string> {
  const tables = await owner.query<{ name: string; column: string }>(
    `select c.oid::regclass::text as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relnamespace in ('auth'::regnamespace, 'platform'::regnamespace) and a.attname in ('project_id', 'tenant_id')
      order by 1, 2`,
  )
  const parts = tables.map(({ name, column }) => {
    const ids = column === 'tenant_id' ? `= '${bare(tenant.tenantId)}'` : `in ('${bare(tenant.projectId)}', '${bare(tenant.secondProjectId)}')`
    return `select '${name}' as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') || count(*) as sum from ${name} t where t.${column} ${ids}`
  })
  const rows = await owner.query<{ name: string; sum: string }>(`${parts.join(' union all ')} order by 1, 2`)
  return rows.map((row) => `${row.name} ${row.sum}`).join('\n')
}
