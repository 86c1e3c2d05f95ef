// `npm run bench -- --growth`: the same mix with more projects, and with more users in one. Every size has a database and a data plane of
// its own, and the rounds go over all of them in turn: what the machine does in a minute meets each alike.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { applyMigrations } from '../../scripts/apply-migrations.mjs'
import { cpuMicroseconds, median, memory, untilIdle, wrk } from './machine.mjs'
import { PASSWORD, accessToken, currentKid, dataDirOf, makeProject, tokenKeys } from './stand.mjs'

const { Pool } = createRequire(new URL('./peers/package.json', import.meta.url))('pg')
const USERS_PER_PROJECT = 10
/**
 * The same number of tokens at every size, so that what is remembered of a token is worth the same; not more of one user than are
 * remembered (100).
 */
const SESSIONS = 10_000
/** More than any server here answers: a refresh token is sent once only. */
const LINES_PER_SECOND = 20_000
const MIX = 'half verify, 30 % `GET /user`, 15 % refresh, 5 % password-reset'
const COPIED_SECRET = 'e'.repeat(64)

const row = (name, value, goal, ok, note = '') => ({ name, value, goal, ok, note })
const perSecond = (value) => `${Math.round(value).toLocaleString('en')}/s`

export async function measureGrowth(stand, say, { quick }) {
  return [...(await growProjects(stand, say, quick)), ...(await growUsers(stand, say, quick))]
}

/** A database with one project in it, and what it takes to serve it. */
async function openWorld(stand, name, users) {
  const url = new URL(stand.postgres.url)
  url.pathname = `/${name}`
  await stand.sql.query(`create database ${name}`)
  await applyMigrations({ url: url.href, masterKey: stand.masterKey })
  const sql = new Pool({ connectionString: url.href, max: 4 })
  sql.on('error', () => undefined)
  const world = { ...stand, name, sql, env: { DATABASE_URL: url.href } }
  const control = await stand.startControl(world.env)
  world.project = await makeProject(world, control, { users, name: 'Growth' })
  await control.stop()
  return world
}

async function serve(world) {
  await world.sql.query('vacuum analyze')
  world.plane = await world.startData([], world.env)
}

async function closeWorlds(stand, worlds) {
  for (const world of worlds) {
    await world.plane.stop()
    await world.sql.end()
    await stand.sql.query(`drop database ${world.name} with (force)`)
  }
}

/** One load on every world of a round; the first one is another each time. */
async function rounds(worlds, { count, seconds }, script) {
  for (let round = 0; round <= count; round++) {
    const turn = worlds.map((_, index) => worlds[(round + index) % worlds.length])
    for (const world of turn) {
      const load = await script(world, seconds)
      await untilIdle([world.plane.pid], { dataDir: dataDirOf(world), longestMs: 2_000 })
      const before = cpuMicroseconds(world.plane.pid)
      const run = await wrk({ url: world.plane.url, connections: 16, seconds, script: load })
      // The first round is for the JIT and the caches.
      if (round === 0) Object.assign(world, { runs: [], failed: undefined })
      else world.runs.push({ ...run, cpu: (cpuMicroseconds(world.plane.pid) - before) / run.requests })
      if (run.refused + run.broken > 0) world.failed = (world.failed ?? 0) + run.refused + run.broken
    }
  }
}

/** The median over the rounds of what a world has beside another one in the same round. */
const beside = (world, first, of) => median(world.runs.map((run, index) => of(run) / of(first.runs[index])))
const middle = (world, of) => median(world.runs.map(of))

async function growProjects(stand, say, quick) {
  const sizes = quick ? [10, 1_000] : [10, 1_000, 10_000]
  const worlds = []
  for (const size of sizes) {
    const world = await openWorld(stand, `projects_${size}`, USERS_PER_PROJECT)
    await copyProject(world, size - 1)
    world.size = size
    world.sessions = await openSessions(world, SESSIONS)
    await serve(world)
    worlds.push(world)
  }
  say(`${sizes.map((size) => size.toLocaleString('en')).join(', ')} projects with ${USERS_PER_PROJECT} users each`)
  await rounds(worlds, { count: quick ? 3 : 9, seconds: quick ? 3 : 4 }, mixOf)
  const [first] = worlds
  const rows = []
  for (const world of worlds) {
    const [speed, late] = [beside(world, first, (run) => run.perSecond), beside(world, first, (run) => run.p99)]
    const figures = `${perSecond(middle(world, (run) => run.perSecond))}, p99 ${(middle(world, (run) => run.p99) / 1000).toFixed(1)} ms, ${middle(world, (run) => run.cpu).toFixed(0)} µs CPU, ${memory(world.plane.pid).now} MB`
    const ratios = world === first ? '' : `: ${speed.toFixed(2)} of the throughput, p99 ${late.toFixed(2)} ×`
    say(`${world.size} projects: ${figures}${ratios}; ${world.failed ?? 0} refused or broken`)
    const good = world === first || (speed >= 0.9 && late <= 1.1)
    rows.push(row(`the mix at ${world.size.toLocaleString('en')} projects`, figures + ratios, world === first ? '–' : 'throughput within 10 %, p99 ≤ 1.1 ×', good && world.failed === undefined, `${world.failed ?? 0} refused or broken; ${MIX}`))
  }
  await closeWorlds(stand, worlds)
  return rows
}

async function growUsers(stand, say, quick) {
  const many = quick ? 100_000 : 1_000_000
  const worlds = []
  for (const size of [1_000, many]) {
    const world = await openWorld(stand, `users_${size}`, 1_000)
    for (let at = 1_000; at < size; at += 50_000) {
      await world.sql.query(
        `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
          select $1, gen_random_uuid(), 'user' || n || '@example.com', 'user' || n || '@example.com', $2, '{"plan":"free"}', now(), now() from generate_series($3::int, $4::int) n`,
        [world.project.id, stand.hash, at + 1, Math.min(size, at + 50_000)],
      )
    }
    world.size = size
    await serve(world)
    worlds.push(world)
  }
  say(`one project with 1,000 and with ${many.toLocaleString('en')} users`)
  const someone = (world) => `user${1 + Math.floor(Math.random() * world.size)}@example.com`
  const loads = {
    login: async (world) => [
      'list',
      await stand.file('growth.txt', Array.from({ length: 2_000 }, () => `POST\t${world.project.path}/login\tcontent-type: application/json\t${JSON.stringify({ email: someone(world), password: PASSWORD })}`)),
    ],
    refresh: async (world) => {
      const { rows } = await world.sql.query('select project_id as "projectId", id as "userId", email from auth.end_user where email = any($1)', [Array.from({ length: 2_000 }, () => someone(world))])
      const made = await insertSessions(world, rows)
      return ['chain', await stand.file('growth.txt', made.map(({ refreshToken }) => refreshToken)), 'POST', `${world.project.path}/refresh`, 'application/json', '{"refresh_token":"', '"}']
    },
  }
  const rows = []
  const [small, large] = worlds
  for (const [name, script] of Object.entries(loads)) {
    await rounds(worlds, { count: quick ? 3 : 6, seconds: quick ? 2 : 4 }, script)
    const time = beside(small, large, (run) => run.perSecond)
    const figures = worlds.map((world) => perSecond(middle(world, (run) => run.perSecond)))
    const failed = worlds.reduce((sum, world) => sum + (world.failed ?? 0), 0)
    say(`${name} with ${many} users: ${time.toFixed(2)} × the time of 1,000 (${figures.join(', ')})`)
    rows.push(row(`\`${name}\` with ${many.toLocaleString('en')} users in the project`, `${time.toFixed(2)} × the time with 1,000 (${figures[1]}, ${figures[0]})`, '≤ 1.1 ×', time <= 1.1 && failed === 0, `${failed} refused or broken`))
  }
  await closeWorlds(stand, worlds)
  return rows
}

/** `count` more projects like the first one, straight into the tables: its settings, a key of their own seal, and users. */
async function copyProject(world, count) {
  await world.sql.query(
    `insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
      select gen_random_uuid(), p.tenant_id, 'Growth', gen_random_uuid()::text, now(), now() from platform.project p, generate_series(1, $2) where p.id = $1`,
    [world.project.id, count],
  )
  await world.sql.query(`update auth.service s set enabled = true, first_enabled_at = now(), settings = t.settings from auth.service t where t.project_id = $1 and not s.enabled`, [world.project.id])
  await sealKeys(world)
  await world.sql.query(
    `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
      select s.project_id, gen_random_uuid(), 'user' || n || '@example.com', 'user' || n || '@example.com', $1, '{"plan":"free"}', now(), now()
      from auth.service s, generate_series(1, $2) n where not exists (select 1 from auth.end_user u where u.project_id = s.project_id)`,
    [world.hash, USERS_PER_PROJECT],
  )
}

async function sealKeys(world) {
  const { SealedBox } = await import('../../libs/crypto/dist/sealed-box.js')
  const { signingKeyContext } = await import('../../libs/crypto/dist/seal-context.js')
  const box = new SealedBox({ current: Buffer.from(world.masterKey, 'base64') })
  const { rows } = await world.sql.query('select project_id from auth.service s where not exists (select 1 from auth.signing_key k where k.project_id = s.project_id)')
  const ids = rows.map((found) => found.project_id)
  await world.sql.query(
    `insert into auth.signing_key (project_id, kid, alg, state, sealed, created_at, activated_at)
      select id, 'growth', 'HS256', 'current', sealed, now(), now() from unnest($1::uuid[], $2::bytea[]) x(id, sealed)`,
    [ids, ids.map((id) => box.seal(COPIED_SECRET, signingKeyContext(id, 'growth')))],
  )
}

/** Sessions of random users, as many in each project; answers what an access token needs. */
async function openSessions(world, count) {
  const { rows } = await world.sql.query(
    `select project_id as "projectId", id as "userId", email, row_number() over (partition by project_id order by random()) as turn from auth.end_user
      where project_id in (select p.id from platform.project p join platform.project first on first.tenant_id = p.tenant_id where first.id = $1)
      order by turn, random()`,
    // Not the console's own project, whose keys are not ours: its tokens were what used to be refused here.
    [world.project.id],
  )
  const sessions = await insertSessions(world, Array.from({ length: count }, (_, index) => rows[index % rows.length]))
  const firstKid = await currentKid(world, world.project)
  const origin = world.project.authUrl.slice(0, world.project.authUrl.lastIndexOf('/'))
  return sessions.map((session) => {
    const printedId = `proj_${session.projectId}`
    const first = session.projectId === world.project.id
    const project = { printedId, authUrl: `${origin}/${printedId}`, secret: first ? world.project.secret : COPIED_SECRET }
    return { ...session, printedId, token: accessToken(world, project, session, first ? firstKid : 'growth') }
  })
}

async function insertSessions(world, owners) {
  const made = []
  for (const owner of owners) {
    const { refreshToken, tokenId } = await tokenKeys(world, owner.projectId)
    const id = randomUUID()
    made.push({ ...owner, id, refreshToken: refreshToken(id), tokenId })
  }
  await world.sql.query(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
      select project, id, end_user, now(), now(), now(), '{pwd}' from unnest($1::uuid[], $2::uuid[], $3::uuid[]) g(project, id, end_user)`,
    [made.map((one) => one.projectId), made.map((one) => one.id), made.map((one) => one.userId)],
  )
  return made
}

/** A random project's random user for every request. */
async function mixOf(world, seconds) {
  const count = LINES_PER_SECOND * seconds
  const pick = () => world.sessions[Math.floor(Math.random() * world.sessions.length)]
  const type = 'content-type: application/json'
  const refreshes = await insertSessions(world, Array.from({ length: count * 0.15 }, pick))
  const lines = Array.from({ length: count }, (_, index) => {
    const { printedId, token, email } = pick()
    const kind = index % 20
    if (kind < 10) return `POST\t/${printedId}/verify\t${type}\t${JSON.stringify({ token })}`
    if (kind < 16) return `GET\t/${printedId}/user\tauthorization: Bearer ${token}\t`
    if (kind === 19) return `POST\t/${printedId}/password-reset\t${type}\t${JSON.stringify({ email })}`
    const { printedId: at, refreshToken } = refreshes.pop()
    return `POST\t/${at}/refresh\t${type}\t${JSON.stringify({ refresh_token: refreshToken })}`
  })
  return ['list', await world.file('growth.txt', lines)]
}
