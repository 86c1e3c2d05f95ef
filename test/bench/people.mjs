// `npm run bench:people`: the list of 10,000 projects, then searches and pages among a million people of one project, over HTTP, as an
// operator's console asks for them. `-- --people=100000` for a smaller look. Prints a table for docs/figures.md.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyMigrations } from '../../scripts/apply-migrations.mjs'
import { describeMachine, median, startServer } from './machine.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const { Client } = createRequire(join(ROOT, 'libs/database/package.json'))('pg')
const PEOPLE = Number(process.argv.find((arg) => arg.startsWith('--people='))?.slice('--people='.length) ?? 1_000_000)
const ROUNDS = 15
const GOAL_MS = 200

const folder = await mkdtemp(join(tmpdir(), 'portico-people-'))
await chmod(folder, 0o711)
const { startEmbeddedPostgres } = await import('../../tools/dev-database/dist/embedded-postgres.js')
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder, 'postgres'),
  settings: { shared_buffers: '512MB', max_wal_size: '4GB', checkpoint_timeout: '30min' },
})
const masterKey = randomBytes(32).toString('base64')
const apiKey = `msk_live_${randomBytes(32).toString('base64url')}`
const sql = new Client({ connectionString: postgres.url })
let control
try {
  await applyMigrations({ url: postgres.url, masterKey })
  await sql.connect()
  control = await startServer('control plane', [join(ROOT, 'apps/control-plane/dist/main.js')], (port) => ({
    CONTROL_PLANE_METRICS_PORT: '0', DATABASE_URL: postgres.url, PORTICO_MASTER_KEY: masterKey, PORTICO_LOG_LEVEL: 'warn',
    CONTROL_PLANE_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100', PORTICO_BOOTSTRAP_API_KEY: apiKey,
  }), '/health/ready')
  await measure()
} finally {
  await control?.stop()
  await sql.end()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function call(method, path, body) {
  const answer = await fetch(`${control.url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

/** Domains and providers as unevenly used as they are; a thousand people of one instant, as an import leaves them. */
async function fill(projectId) {
  const began = performance.now()
  await sql.query(
    `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, password_hash, disabled_at, created_at, updated_at, last_sign_in_at)
      select $1, gen_random_uuid(), e.email, e.email, case when n % 9 = 0 then null else t.at end, case when n % 4 = 0 then null else 'no hash' end,
        case when n % 500 = 0 then t.at end, t.at, t.at, case when n % 3 = 0 then null else t.at + (n % 1000) * interval '1 hour' end
      from generate_series(1, $2::integer) n
      cross join lateral (select now() - interval '1 year' + (n / 1000) * interval '8 hours' as at) t
      cross join lateral (select substr(md5(n::text), 1, 10) || '.' || n || '@' || case when n % 100 < 55 then 'gmail.example'
        when n % 100 < 80 then 'hotmail.example' when n % 100 < 81 then 'corp' || n % 50000 || '.example' else 'mail' || n % 300 || '.example' end as email) e`,
    [projectId, PEOPLE],
  )
  await sql.query(
    `insert into auth.identity (project_id, provider, subject, end_user_id, created_at)
      select u.project_id, case when random() < 0.9 then 'google' when random() < 0.95 then 'github' else 'gitlab' end, u.id::text, u.id, now()
      from auth.end_user u where u.password_hash is null`,
  )
  await sql.query(
    `insert into auth.factor (project_id, id, end_user_id, type, sealed, created_at, activated_at)
      select u.project_id, gen_random_uuid(), u.id, 'totp', '\\x00', now(), now() from auth.end_user u where random() < 0.02`,
  )
  await sql.query(
    `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, rp_id, friendly_name, created_at)
      select u.project_id, gen_random_uuid(), u.id, uuid_send(gen_random_uuid()), '\\x00', 0, true, true, 'app.example', 'Phone', now()
      from auth.end_user u where random() < 0.004`,
  )
  await sql.query('vacuum analyze')
  console.log(`${PEOPLE.toLocaleString('en')} people in ${Math.round((performance.now() - began) / 1000)} s; ${describeMachine()}`)
}

/** 10,000 projects of one tenant: what the console's list of projects and its home page ask for. */
async function measureProjects() {
  await sql.query(
    `insert into platform.project (id, tenant_id, name, slug, resource_type, created_at, updated_at)
      select gen_random_uuid(), (select tenant_id from platform.project where name = 'A million people'),
        substr(md5(n::text), 1, 6) || ' shop ' || n, 'shop-' || n, 'project', now() - n * interval '1 hour', now()
      from generate_series(1, 9999) n`,
  )
  await sql.query('vacuum analyze')
  const asked = {
    'projects, first page': 'projects',
    'projects, by name': 'projects?sort=name',
    'projects, oldest first': 'projects?sort=created_at',
    'projects, a name in the middle': 'projects?search=shop%20777',
    'projects, common to all': 'projects?search=shop',
    'projects, nothing found': 'projects?search=no-such-thing',
    'home page, 30 days': `stats?from=${encodeURIComponent(new Date(Date.now() - 30 * 86_400_000).toISOString())}&interval=day`,
  }
  console.log('\n| Of 10,000 projects | Page, median | Worst | Page 30, median | Reached |\n| --- | ---: | ---: | ---: | --- |')
  for (const [name, path] of Object.entries(asked)) {
    const first = await timed(path)
    let deep = first
    const cursor = (next) => `${path}${path.includes('?') ? '&' : '?'}cursor=${next}`
    for (let turn = 0; turn < 29 && deep.next; turn++) deep = await timed(cursor(deep.next), 1)
    const late = deep === first ? null : await timed(deep.at)
    const worst = Math.max(first.worst, late?.worst ?? 0)
    console.log(
      `| ${name} | ${first.median.toFixed(0)} ms | ${worst.toFixed(0)} ms | ${late ? `${late.median.toFixed(0)} ms` : '–'} | ${worst <= GOAL_MS ? 'yes' : '**no**'} |`,
    )
  }
}

async function measure() {
  const { data: project } = await call('POST', 'projects', { name: 'A million people' })
  await call('POST', `projects/${project.id}/auth`, {})
  await measureProjects()
  await fill(project.id.slice('proj_'.length))
  const { rows: [somebody] } = await sql.query('select id, email from auth.end_user order by id limit 1')
  const day = (ago) => encodeURIComponent(new Date(Date.now() - ago * 86_400_000).toISOString())
  const searches = {
    'first page': '',
    'first page of 100': 'limit=100',
    'oldest first': 'sort=created_at',
    'by address': 'sort=email',
    'by last sign-in': 'sort=-last_sign_in_at',
    'a whole address': `search=${encodeURIComponent(somebody.email)}`,
    'an id': `search=${somebody.id}`,
    'beginning, 1 in 16': 'search=a',
    'beginning, 1 in 256': 'search=a3',
    'beginning, 1 in 65,536': 'search=a3f4',
    'beginning, nobody': 'search=nobody-begins-like-this',
    'beginning, newest first': 'search=a3&sort=-created_at',
    'a common domain': 'domain=gmail.example',
    'a rare domain': 'domain=mail90.example',
    'beginning of a domain': 'search=%40corp1',
    'a common provider': 'provider=google',
    'a rare provider': 'provider=gitlab',
    'password': 'provider=password',
    'passkey': 'provider=passkey',
    'confirmed': 'state=confirmed',
    'unconfirmed': 'state=unconfirmed',
    'disabled': 'state=disabled',
    'with a second factor': 'state=mfa',
    'never signed in': 'state=never_signed_in',
    'made in one week': `created_since=${day(200)}&created_until=${day(193)}`,
    'signed in since 20 days': `last_sign_in_since=${day(20)}`,
    'disabled at a common domain': 'state=disabled&domain=gmail.example',
    'unconfirmed, rare provider, by sign-in': 'state=unconfirmed&provider=gitlab&sort=-last_sign_in_at',
    'a contradiction': 'provider=passkey&state=disabled,unconfirmed&domain=gmail.example',
  }
  console.log('\n| Search | Matches | Said to be | Page, median | Worst | Page 30, median | Reached |\n| --- | ---: | --- | ---: | ---: | ---: | --- |')
  const path = `projects/${project.id}/users`
  for (const [name, query] of Object.entries(searches)) {
    const first = await timed(`${path}?${query}`)
    let deep = first
    for (let turn = 0; turn < 29 && deep.next; turn++) deep = await timed(`${path}?${query}&cursor=${deep.next}`, 1)
    const late = deep === first || deep.at === undefined ? null : await timed(deep.at)
    const worst = Math.max(first.worst, late?.worst ?? 0)
    console.log(
      `| ${name} | ${first.page.total.toLocaleString('en')} | ${first.page.total_is} | ${first.median.toFixed(0)} ms | ${worst.toFixed(0)} ms | ${late ? `${late.median.toFixed(0)} ms` : '–'} | ${worst <= GOAL_MS ? 'yes' : '**no**'} |`,
    )
  }
  await measurePreviews(project.id)
  const began = performance.now()
  const answer = await fetch(`${control.url}/api/v1/${path}/export`, { headers: { authorization: `Bearer ${apiKey}` } })
  let bytes = 0
  for await (const chunk of answer.body) bytes += chunk.length
  console.log(`\nExport of everybody: ${((performance.now() - began) / 1000).toFixed(1)} s, ${(bytes / 2 ** 20).toFixed(0)} MiB`)
}

/** What a change of settings would do to all of them, asked before it is made. */
async function measurePreviews(project) {
  await sql.query(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
      select project_id, gen_random_uuid(), id, now(), now(), now(), '{pwd}' from auth.end_user where random() < 0.2`,
  )
  await sql.query('vacuum analyze auth.session')
  const changes = {
    'a second factor is required': { mfa: 'required' },
    'passkeys alone': { providers: ['passkey'] },
    'no passwords any more': { providers: ['google', 'github', 'gitlab'] },
    'passkeys of another domain': { rp_id: 'other.example' },
    'addresses must be confirmed': { require_email_confirmation: true },
    'one session for each': { max_active_sessions: 1 },
  }
  console.log('\n| What would it do? | Median | Worst | Counts | Reached (2 s) |\n| --- | ---: | ---: | --- | --- |')
  for (const [name, change] of Object.entries(changes)) {
    const times = []
    let said
    for (let round = 0; round < 5; round++) {
      const began = performance.now()
      said = (await call('PATCH', `projects/${project}/auth?dry_run=true`, change)).data.counts_are
      times.push(performance.now() - began)
    }
    const worst = Math.max(...times)
    console.log(`| ${name} | ${median(times).toFixed(0)} ms | ${worst.toFixed(0)} ms | ${said} | ${worst <= 2000 ? 'yes' : '**no**'} |`)
  }
}

async function timed(at, rounds = ROUNDS) {
  const times = []
  let body
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    body = await call('GET', at)
    times.push(performance.now() - began)
  }
  return { at, median: median(times), worst: Math.max(...times), page: body.page, next: body.page?.next_cursor }
}
