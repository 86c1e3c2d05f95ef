// What is measured: one PostgreSQL, both planes, the limit and the peers, and rows for them.
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyMigrations } from '../../scripts/apply-migrations.mjs'
import { startServer } from './machine.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PEERS = fileURLToPath(new URL('./peers', import.meta.url))
// The benchmark's own package holds `pg` and argon2 for seeding.
const fromPeers = createRequire(join(PEERS, 'package.json'))
const LIMITS = [
  'login_account',
  'login_client',
  'signup_client',
  'reset_account',
  'reset_client',
  'mail_account',
  'mail_client',
  'mail_project',
  'code_account',
  'token_client',
  'oauth_client',
]

export const PASSWORD = 'correct horse battery 9!'
export const digest = (token) => createHash('sha256').update(token).digest()
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function openStand() {
  const folder = await mkdtemp(join(tmpdir(), 'portico-bench-'))
  await chmod(folder, 0o711)
  const { startEmbeddedPostgres } = await import('../../tools/dev-database/dist/embedded-postgres.js')
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    settings: { max_connections: '300', shared_buffers: '512MB', max_wal_size: '4GB', checkpoint_timeout: '30min' },
  })
  const { Pool } = fromPeers('pg')
  const sql = new Pool({ connectionString: postgres.url, max: 4 })
  const masterKey = randomBytes(32).toString('base64')
  await applyMigrations({ url: postgres.url, masterKey })
  await sql.query(BENCH_SCHEMA)
  const apiKey = `msk_live_${randomBytes(32).toString('base64url')}`
  const hash = await fromPeers('@node-rs/argon2').hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  const servers = []
  const common = { CONTROL_PLANE_METRICS_PORT: '0', DATA_PLANE_METRICS_PORT: '0', DATABASE_URL: postgres.url, PORTICO_MASTER_KEY: masterKey, PORTICO_LOG_LEVEL: process.env.BENCH_LOG_LEVEL ?? 'warn' }
  const start = async (...args) => {
    const server = await startServer(...args)
    servers.push(server)
    return server
  }
  const stand = {
    folder, postgres, sql, masterKey, apiKey, hash, servers, tokenKeys: new Map(),
    file: async (name, lines) => {
      const path = join(folder, name)
      await writeFile(path, `${lines.join('\n')}\n`)
      return path
    },
    startControl: (env = {}) =>
      start('control plane', [join(ROOT, 'apps/control-plane/dist/main.js')], (port) => ({ ...common, CONTROL_PLANE_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100', PORTICO_BOOTSTRAP_API_KEY: apiKey, ...env }), '/health/ready'),
    startData: (args = [], env = {}, options = {}) =>
      start('data plane', [...args, join(ROOT, 'apps/data-plane/dist/main.js')], (port) => ({ ...common, DATA_PLANE_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100', ...env }), '/health/ready', options),
    startWorker: (env) => start('worker', [join(ROOT, 'apps/worker/dist/main.js')], (port) => ({ ...common, WORKER_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100', ...env }), '/health/ready'),
    startLimit: () => start('limit', [join(PEERS, 'limit.mjs')], () => ({ DATABASE_URL: postgres.url })),
    startBetterAuth: (env = {}) => start('better-auth', [join(PEERS, 'better-auth.mjs')], () => ({ DATABASE_URL: postgres.url, ...env }), '/api/auth/ok'),
    startOidc: () => start('oidc-provider', [join(PEERS, 'oidc-provider.mjs')], () => ({ DATABASE_URL: postgres.url }), '/.well-known/openid-configuration'),
    startBareNest: () => start('bare Nest', [fileURLToPath(new URL('./bare-nest.mjs', import.meta.url))], () => ({})),
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      await sql.end()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return stand
}

/** Where the benchmark's PostgreSQL keeps its files. */
export const dataDirOf = (stand) => join(stand.folder, 'postgres', 'postgres', 'data')

/** One call to the control plane; throws when it is refused. */
export async function api(stand, control, method, path, body) {
  const answer = await fetch(`${control.url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${stand.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text).data
}

/** A project whose limits do not stop a load generator, with `users` end users who share one password hash. */
export async function makeProject(stand, control, { users, name = 'Bench' }) {
  const project = await api(stand, control, 'POST', 'projects', { name })
  await api(stand, control, 'POST', `projects/${project.id}/auth`, {
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, { points: 1_000_000, window_seconds: 1 }])),
  })
  const { env } = await api(stand, control, 'GET', `projects/${project.id}/runtime-env`)
  const id = project.id.slice('proj_'.length)
  await stand.sql.query(
    `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
      select $1, gen_random_uuid(), 'user' || n || '@example.com', 'user' || n || '@example.com', $2, '{"plan":"free"}', now(), now() from generate_series(1, $3) n`,
    [id, stand.hash, users],
  )
  return { id, path: `/${project.id}`, authUrl: env.AUTH_URL, printedId: project.id, secret: env.AUTH_JWT_SECRET }
}

/** Makes tokens as the data plane does: `refreshToken` of a session, and the `jti` of claims. */
export async function tokenKeys(stand, projectId) {
  const known = stand.tokenKeys.get(projectId)
  if (known) return known
  const [{ SealedBox }, { tokenKeyContext }, { ProjectKeys }, { computeRefreshToken }, mark] = await Promise.all([
    import('../../libs/crypto/dist/sealed-box.js'),
    import('../../libs/crypto/dist/seal-context.js'),
    import('../../libs/end-user/dist/project/project-keys.js'),
    import('../../libs/tokens/dist/refresh-token.js'),
    import('../../libs/tokens/dist/token-mark.js'),
  ])
  const box = new SealedBox({ current: Buffer.from(stand.masterKey, 'base64') })
  const { rows } = await stand.sql.query(
    'update auth.service set token_key_sealed = coalesce(token_key_sealed, $2) where project_id = $1 returning token_key_sealed as sealed',
    [projectId, box.seal(randomBytes(32), tokenKeyContext(projectId))],
  )
  const project = { scope: { projectId }, tokenKey: rows[0].sealed }
  const keys = new ProjectKeys(box)
  const made = {
    refreshToken: (sessionId) => computeRefreshToken(keys.refreshKey(project), { sessionId, generation: 0 }),
    tokenId: (claims) => mark.markedTokenId(keys.markKey(project), randomBytes(mark.TOKEN_NONCE_BYTES), claims),
  }
  stand.tokenKeys.set(projectId, made)
  return made
}

/** `count` sessions; answers their refresh tokens and what an access token needs. */
export async function makeSessions(stand, project, count) {
  const { refreshToken, tokenId } = await tokenKeys(stand, project.id)
  const made = Array.from({ length: count }, () => randomUUID()).map((id) => ({ id, refreshToken: refreshToken(id), tokenId }))
  const { rows } = await stand.sql.query(
    `with u as (select id, email, row_number() over () as n from (select id, email from auth.end_user where project_id = $1 limit $3) x),
        given as (select * from unnest($2::uuid[]) with ordinality g(id, n)),
        s as (insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
          select $1, given.id, u.id, now(), now(), now(), '{pwd}' from given join u on u.n = 1 + (given.n - 1) % (select count(*) from u) returning id, end_user_id)
      select s.id, s.end_user_id, u.email from s join u on u.id = s.end_user_id`,
    [project.id, made.map(({ id }) => id), Math.min(count, 10_000)],
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return made.map((session) => ({ ...session, userId: byId.get(session.id).end_user_id, email: byId.get(session.id).email }))
}

/** An access token as the data plane would sign it. */
export function accessToken(stand, project, session, kid) {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: project.authUrl,
    sub: session.userId,
    exp: now + 3600,
    iat: now,
    sid: session.id,
    email: session.email,
    email_verified: false,
    amr: ['pwd'],
    auth_time: now,
    acr: 'aal1',
  }
  const text = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode({ ...claims, jti: session.tokenId(claims) })}`
  return `${text}.${createHmac('sha256', project.secret).update(text).digest('base64url')}`
}

export async function currentKid(stand, project) {
  const { rows } = await stand.sql.query(`select kid from auth.signing_key where project_id = $1 and state = 'current'`, [project.id])
  return rows[0].kid
}

/** The same people for the limit program. */
export async function seedLimit(stand, users) {
  await stand.sql.query(
    `insert into bench.account (id, email, hash, created_at) select gen_random_uuid(), 'user' || n || '@example.com', $1, now() from generate_series(1, $2) n`,
    [stand.hash, users],
  )
}

export async function limitSessions(stand, count) {
  const made = Array.from({ length: count }, () => ({ id: randomUUID(), refreshToken: randomBytes(32).toString('base64url') }))
  await stand.sql.query(
    `with a as (select id, row_number() over () as n from (select id from bench.account limit 1000) x),
        given as (select * from unnest($1::uuid[], $2::bytea[]) with ordinality g(id, digest, n)),
        s as (insert into bench.session (id, account_id, created_at) select given.id, a.id, now() from given join a on a.n = 1 + (given.n - 1) % (select count(*) from a))
      insert into bench.refresh (digest, session_id, created_at) select digest, id, now() from given`,
    [made.map(({ id }) => id), made.map(({ refreshToken }) => digest(refreshToken))],
  )
  const now = Math.floor(Date.now() / 1000)
  return made.map(({ id, refreshToken }) => {
    const text = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'limit' })}.${encode({ iss: 'limit', sub: id, aud: 'limit', exp: now + 3600, iat: now, jti: randomUUID(), sid: id })}`
    return { refreshToken, accessToken: `${text}.${createHmac('sha256', 'a'.repeat(64)).update(text).digest('base64url')}` }
  })
}

const BENCH_SCHEMA = `
create schema bench; create schema better_auth;
create table bench.account (id uuid primary key, email text not null unique, hash text not null, created_at timestamptz not null);
create table bench.session (id uuid primary key, account_id uuid not null references bench.account, created_at timestamptz not null, ended_at timestamptz);
create index on bench.session (account_id);
create table bench.refresh (digest bytea primary key, session_id uuid not null references bench.session, created_at timestamptz not null, consumed_at timestamptz);
create index on bench.refresh (session_id);
create table bench.outbox (id uuid primary key, kind text not null, payload jsonb not null, created_at timestamptz not null);
create table bench.oidc (model text, id text, grant_id text, payload jsonb not null, expires_at timestamptz, consumed_at timestamptz, primary key (model, id));
create index on bench.oidc (grant_id);`
