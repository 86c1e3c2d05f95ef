// What is not a plain throughput row: shares, latencies, starts, mail.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { deriveRolePassword } from '../../libs/crypto/dist/role-password.js'
import { freePort, median, memory, untilIdle, wrk } from './machine.mjs'
import { PASSWORD, accessToken, makeProject, makeSessions } from './stand.mjs'

const fromPeers = createRequire(new URL('./peers/package.json', import.meta.url))
const row = (name, value, goal, ok, note = '') => ({ name, value, goal, ok, note })
const perSecond = (value) => `${Math.round(value).toLocaleString('en')}/s`
const ms = (value) => `${value.toFixed(1)} ms`

/** p99 of verify alone, and while 64 logins are always in flight. */
export async function measureLogins({ stand, servers, project, kid }, { quick }, say) {
  const made = await makeSessions(stand, project, 500)
  const verify = ['list', await stand.file('verify-p99.txt', made.map((session) => `POST\t${project.path}/verify\tcontent-type: application/json\t${JSON.stringify({ token: accessToken(stand, project, session, kid) })}`))]
  const login = ['list', await stand.file('login-p99.txt', made.slice(0, 50).map((_, index) => `POST\t${project.path}/login\tcontent-type: application/json\t${JSON.stringify({ email: `user${index + 1}@example.com`, password: PASSWORD })}`))]
  const { url, pid } = servers.portico
  const seconds = quick ? 3 : 6
  const idle = []
  const busy = []
  for (let round = 0; round < (quick ? 2 : 4); round++) {
    await untilIdle([pid])
    idle.push((await wrk({ url, connections: 1, seconds, script: verify })).p99 / 1000)
    const storm = wrk({ url, connections: 64, seconds: seconds + 2, script: login })
    await sleep(1000)
    busy.push((await wrk({ url, connections: 1, seconds, script: verify })).p99 / 1000)
    await storm
  }
  const [quiet, loaded] = [median(idle), median(busy)]
  say(`verify p99: ${ms(quiet)} idle, ${ms(loaded)} under 64 logins`)
  return row(
    '`verify` p99 while 64 logins are in flight',
    `${ms(loaded)}, idle ${ms(quiet)}: ${(loaded / quiet).toFixed(1)} ×`,
    '≤ 3 × its idle p99',
    loaded / quiet <= 3,
  )
}

export async function measureControlPlane({ stand, control }, { quick }, say) {
  const count = quick ? 1_500 : 5_000
  const { rows } = await stand.sql.query('select id from platform.tenant limit 1')
  const { rows: projects } = await stand.sql.query(
    `insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
      select gen_random_uuid(), $1, 'Enable ' || n, gen_random_uuid()::text, now(), now() from generate_series(1, $2) n returning id`,
    [rows[0].id, count],
  )
  const headers = `content-type: application/json|authorization: Bearer ${stand.apiKey}`
  const enable = (list) =>
    list.map(({ id }) => `POST\t/api/v1/projects/proj_${id}/auth\t${headers}\t{"allow_signups":true,"providers":["email"]}`)
  const alone = await wrk({
    url: control.url,
    connections: 1,
    seconds: 2,
    script: ['list', await stand.file('enable1.txt', enable(projects.slice(0, count / 3)))],
  })
  const many = await wrk({
    url: control.url,
    connections: 16,
    seconds: 2,
    script: ['list', await stand.file('enable16.txt', enable(projects.slice(count / 3)))],
  })
  const { rows: done } = await stand.sql.query('select count(*)::int as n from auth.service where enabled')
  const boots = await stand.file(
    'boot.txt',
    projects.slice(0, 200).map(({ id }) => `POST\t/api/v1/projects/proj_${id}/instances\t${headers}\t{"name":"bench"}`),
  )
  await wrk({ url: control.url, connections: 16, seconds: 1, script: ['list', boots] })
  await untilIdle([control.pid])
  const boot = []
  for (let round = 0; round < (quick ? 2 : 5); round++)
    boot.push((await wrk({ url: control.url, connections: 16, seconds: quick ? 2 : 5, script: ['list', boots] })).perSecond)
  say(`enable: ${perSecond(many.perSecond)}, p50 alone ${ms(alone.p50 / 1000)}; boot: ${perSecond(median(boot))}`)
  return [
    row(
      'enable auth (control plane)',
      perSecond(many.perSecond),
      '≥ 200/s',
      many.perSecond >= 200 && many.refused === 0,
      `${done[0].n} projects enabled; ${many.refused} refused`,
    ),
    row('enable auth, p50 alone', ms(alone.p50 / 1000), '≤ 10 ms', alone.p50 <= 10_000),
    row('boot (`POST …/instances`)', perSecond(median(boot)), '≥ 500/s', median(boot) >= 500),
  ]
}

/** The hot functions under forced row security against the bare statement by somebody whom it does not bind. */
export async function measureRowSecurity({ stand, project }, { quick }, say) {
  const { Pool } = fromPeers('pg')
  const url = new URL(stand.postgres.url)
  url.username = 'portico_data'
  url.password = deriveRolePassword(Buffer.from(stand.masterKey, 'base64'), 'portico_data')
  const bound = new Pool({ connectionString: url.href, max: 16 })
  const free = new Pool({ connectionString: stand.postgres.url, max: 16 })
  const emails = Array.from({ length: 1_000 }, (_, index) => `user${index + 1}@example.com`)
  const statements = {
    bound: { pool: bound, name: 'credential', text: 'select * from auth.credential_by_email($1, $2)' },
    free: {
      pool: free,
      name: 'bare',
      text: 'select id, password_hash, email_verified_at, disabled_at from auth.end_user where project_id = $1 and email = $2',
    },
  }
  const run = async ({ pool, name, text }, milliseconds) => {
    const end = performance.now() + milliseconds
    let count = 0
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (performance.now() < end) {
          count += 1
          await pool.query({ name, text, values: [project.id, emails[count % emails.length]] })
        }
      }),
    )
    return (count * 1000) / milliseconds
  }
  for (const statement of Object.values(statements)) await run(statement, 500)
  const ratios = []
  const speeds = []
  for (let round = 0; round < (quick ? 5 : 9); round++) {
    const under = await run(statements.bound, 700)
    const without = await run(statements.free, 700)
    ratios.push(under / without)
    speeds.push(under)
  }
  await bound.end()
  await free.end()
  say(`row security: ${median(ratios).toFixed(2)}`)
  return row(
    'row-level security (credential lookup)',
    `${median(ratios).toFixed(2)} of the same statement without it, ${perSecond(median(speeds))}`,
    '≥ 0.80',
    median(ratios) >= 0.8,
  )
}

/** Cold start to the first right answer, and memory at rest, beside bare Nest. */
export async function measureStarts(stand, say) {
  const data = []
  const nest = []
  const resident = { data: [], nest: [] }
  for (let round = 0; round < 5; round++) {
    const bare = await stand.startBareNest()
    const plane = await stand.startData()
    nest.push(bare.readyAfterMs)
    data.push(plane.readyAfterMs)
    await sleep(500)
    resident.nest.push(memory(bare.pid).now)
    resident.data.push(memory(plane.pid).now)
    await bare.stop()
    await plane.stop()
  }
  const start = median(data) / median(nest)
  const size = median(resident.data) / median(resident.nest)
  say(`cold start ${median(data).toFixed(0)} ms (${start.toFixed(2)} × bare Nest), idle ${median(resident.data)} MB (${size.toFixed(2)} ×)`)
  return [
    row(
      'data plane, cold start to its first right answer',
      `${median(data).toFixed(0)} ms: ${start.toFixed(2)} × bare Nest (${median(nest).toFixed(0)} ms)`,
      '≤ 1.6 ×',
      start <= 1.6,
    ),
    row(
      'data plane, memory idle',
      `${median(resident.data)} MB: ${size.toFixed(2)} × bare Nest (${median(resident.nest)} MB)`,
      '≤ 1.35 ×',
      size <= 1.35,
    ),
  ]
}

/** What `npm start` takes with everything at rest, PostgreSQL included. Memory that processes share is counted once (PSS). */
export async function measureEverything(stand, say) {
  const ports = { CONTROL_PLANE_PORT: await freePort(), DATA_PLANE_PORT: await freePort(), WORKER_PORT: await freePort() }
  const unwatched = { CONTROL_PLANE_METRICS_PORT: '0', DATA_PLANE_METRICS_PORT: '0' }
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORTICO_DATA_DIR: join(stand.folder, 'start'), ...unwatched, ...env },
    stdio: 'ignore',
  })
  const ended = new Promise((done) => child.once('close', done))
  try {
    for (const port of Object.values(ports)) await untilReady(`http://127.0.0.1:${port}/health/ready`, child)
    await sleep(5000)
    const megabytes = treeOf(child.pid).reduce((sum, pid) => sum + proportionalKilobytes(pid), 0) / 1024
    say(`npm start with everything: ${megabytes.toFixed(0)} MB`)
    return row('`npm start` with PostgreSQL, at rest', `${megabytes.toFixed(0)} MB`, '≤ 450 MB', megabytes <= 450)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function untilReady(url, child) {
  const deadline = performance.now() + 60_000
  while (!(await fetch(url).then((answer) => answer.ok, () => false))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${url} did not come up`)
    await sleep(100)
  }
}

function treeOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(treeOf)]
}

const proportionalKilobytes = (pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)

/** From outbox rows to a provider on loopback. */
export async function measureMail({ stand, control }, { quick }, say) {
  const rows = []
  // Mails of earlier rows would be sent first.
  await stand.sql.query('delete from auth.outbox')
  for (const withRedis of [false, true]) {
    const redis = withRedis ? await startRedis(stand) : null
    if (withRedis && !redis) {
      rows.push(row('mail, outbox to provider, with Redis', 'not run: no redis-server', '≥ 500/s', false))
      continue
    }
    const provider = await startProvider()
    const count = quick ? 1_500 : 5_000
    // A person each: of two mails of one kind to one person the earlier one is void and not sent.
    const { id } = await makeProject(stand, control, { users: count + 100, name: `Mail ${withRedis}` })
    // As in production: in development every mail is stored for the dev inbox too.
    const worker = await stand.startWorker({
      PORTICO_ENV: 'production',
      DATA_PLANE_PUBLIC_URL: 'https://auth.example.com',
      RESEND_API_KEY: 're_bench',
      RESEND_FROM_APP_AUTH: 'Bench <bench@example.com>',
      RESEND_BASE_URL: provider.url,
      ...(redis ? { REDIS_URL: redis.url } : {}),
    })
    const enqueue = (first, count) =>
      stand.sql.query(
        `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
          select $1, gen_random_uuid(), 'password_reset', jsonb_build_object('address', 'user' || n || '@example.com'), now(), now() from generate_series($2::int, $3) n`,
        [id, first, first + count - 1],
      )
    const drained = async (count, limitMs) => {
      const end = performance.now() + limitMs
      while (provider.mails.length < count && performance.now() < end) await sleep(10)
      return provider.mails.length
    }
    await enqueue(1, 100)
    await drained(100, 20_000)
    provider.forget()
    const began = performance.now()
    // Addresses of users only, so that every row becomes a mail.
    for (let enqueued = 0; enqueued < count; enqueued += 1_500) await enqueue(101 + enqueued, Math.min(1_500, count - enqueued))
    const arrived = await drained(count, 60_000)
    const speed = (arrived * 1000) / ((provider.mails.at(-1)?.at ?? performance.now()) - began)
    const goal = withRedis ? 500 : 200

    provider.forget()
    const rate = goal / 2
    const lagSeconds = quick ? 5 : 20
    const sentAt = new Map()
    for (let tick = 0; tick < lagSeconds * 10; tick++) {
      const tickEnd = performance.now() + 100
      const ids = Array.from({ length: rate / 10 }, () => randomUUID())
      for (const outbox of ids) sentAt.set(outbox, performance.now())
      await stand.sql.query(
        `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
          select $1, o, 'password_reset', jsonb_build_object('address', 'user' || (1 + ($3 + n) % $4) || '@example.com'), now(), now() from unnest($2::uuid[]) with ordinality x(o, n)`,
        [id, ids, sentAt.size, count],
      )
      await sleep(Math.max(0, tickEnd - performance.now()))
    }
    await drained(sentAt.size, 20_000)
    const lags = provider.mails
      .map((mail) => mail.at - (sentAt.get(mail.outboxId) ?? NaN))
      .filter(Number.isFinite)
      .toSorted((a, b) => a - b)
    const p99 = lags[Math.floor(lags.length * 0.99)] ?? NaN
    await worker.stop()
    await provider.close()
    await redis?.stop()
    const how = withRedis ? 'with Redis' : 'without Redis'
    say(`mail ${how}: ${perSecond(speed)}; lag p99 at ${rate}/s ${ms(p99)} (${lags.length} of ${sentAt.size})`)
    rows.push(
      row(
        `mail, outbox to provider, ${how}`,
        perSecond(speed),
        `≥ ${goal}/s`,
        speed >= goal && arrived === count,
        `${arrived} of ${count} arrived; ${provider.repeats} sent again`,
      ),
    )
    rows.push(row(`mail, lag p99 at ${rate}/s, ${how}`, ms(p99), '≤ 2 s', p99 <= 2000, `${lags.length} of ${sentAt.size} measured`))
  }
  return rows
}

/** Counts rows, not requests: a second try of a row is the provider's to drop, but it is told. */
async function startProvider() {
  const mails = []
  const seen = new Set()
  const provider = { mails, repeats: 0, forget: () => (mails.length = 0) }
  const server = createServer(async (request, response) => {
    for await (const _chunk of request);
    // The key names the outbox row; a UUID stands in it.
    const outboxId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(request.headers['idempotency-key'] ?? '')?.[0]
    if (seen.has(outboxId)) provider.repeats += 1
    else {
      seen.add(outboxId)
      mails.push({ at: performance.now(), outboxId })
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"id":"${randomUUID()}"}`)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  provider.url = `http://127.0.0.1:${server.address().port}`
  provider.close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)))
  return provider
}

async function startRedis(stand) {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', stand.folder],
    { stdio: 'ignore' },
  )
  const failed = await Promise.race([new Promise((done) => child.once('error', () => done(true))), sleep(700).then(() => false)])
  if (failed) return null
  return { url: `redis://127.0.0.1:${port}`, stop: () => new Promise((done) => (child.once('close', done), child.kill('SIGTERM'))) }
}

