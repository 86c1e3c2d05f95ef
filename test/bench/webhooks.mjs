// `npm run bench:webhooks`: what webhooks and hooks cost, and whom: 1,000 events a second told to ten endpoints; an endpoint beside a dead
// one of another tenant; sign-ins beside a project whose hook hangs; what an event costs where nobody listens. Prints lines for
// docs/figures.md. `-- --only=rate,dead,hook,off` for some of them.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { applyMigrations } from '../../scripts/apply-migrations.mjs'
import { describeMachine, median, startServer } from './machine.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const { Pool } = createRequire(join(ROOT, 'libs/database/package.json'))('pg')
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length).split(',')
const PASSWORD = 'correct horse battery 9!'
const TYPE = 'user.enabled'

const folder = await mkdtemp(join(tmpdir(), 'portico-webhooks-'))
await chmod(folder, 0o711)
const { startEmbeddedPostgres } = await import('../../tools/dev-database/dist/embedded-postgres.js')
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder, 'postgres'),
  settings: { shared_buffers: '256MB', max_wal_size: '4GB', checkpoint_timeout: '30min' },
})
const masterKey = randomBytes(32).toString('base64')
const operatorKey = `msk_live_${randomBytes(32).toString('base64url')}`
const common = {
  DATABASE_URL: postgres.url, PORTICO_MASTER_KEY: masterKey, PORTICO_LOG_LEVEL: 'warn', DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
  PORTICO_ALLOW_LOOPBACK_PROVIDERS: 'true', CONTROL_PLANE_METRICS_PORT: '0', DATA_PLANE_METRICS_PORT: '0',
}
const sql = new Pool({ connectionString: postgres.url, max: 4 })
const servers = []
const started = async (name, app, port) => {
  const server = await startServer(name, [join(ROOT, `apps/${app}/dist/main.js`)], port, '/health/ready', { pin: false })
  servers.push(server)
  return server
}
let control
const receiver = await receive()
try {
  await applyMigrations({ url: postgres.url, masterKey })
  const env = { ...common, PORTICO_BOOTSTRAP_API_KEY: operatorKey }
  control = await started('control plane', 'control-plane', (port) => ({ ...env, CONTROL_PLANE_PORT: String(port) }))
  console.log(`${describeMachine()}\n`)
  const parts = { off: costOfNothing, rate: thousandPerSecond, dead: besideDead, hook: besideHangingHook }
  for (const [name, part] of Object.entries(parts)) if (!only || only.includes(name)) await part()
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await receiver.close()
  await sql.end()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function api(method, path, body, key = operatorKey) {
  const answer = await fetch(`${control.url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text).data
}

/** Takes what comes to `/ok`, and leaves what comes to `/hang` without an answer. */
async function receive() {
  const taken = []
  const hanging = new Set()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      if (request.url.startsWith('/hang')) return void hanging.add(response)
      taken.push({ at: Date.now(), body })
      response.end('ok')
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: (path) => `http://127.0.0.1:${server.address().port}${path}`,
    taken,
    hanging,
    release: () => {
      for (const response of hanging) response.destroy()
      hanging.clear()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** A project whose limits are in nobody's way. */
async function project(key = operatorKey) {
  const { LIMIT_NAMES } = await import('../../libs/kernel/dist/settings/limits.js')
  const made = await api('POST', 'projects', { name: 'Bench' }, key)
  const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [name, { points: 1_000_000, window_seconds: 1 }]))
  await api('POST', `projects/${made.id}/auth`, { limits }, key)
  return { printed: made.id, id: made.id.slice('proj_'.length) }
}

async function tenant() {
  return (await api('POST', 'tenants', { name: `Bench ${randomUUID().slice(0, 8)}` })).api_key.key
}

/** As a use case writes them: committed, one row each, at this moment. */
function happen(projects, each) {
  return sql.query(
    `insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, created_at)
      select p, $2, 'system', 'end_user', gen_random_uuid()::text, clock_timestamp() from unnest($1::uuid[]) p, generate_series(1, $3)`,
    [projects, TYPE, each],
  )
}

/** Milliseconds from the event to the receiver, of what came after `from`. */
function lags(from) {
  return receiver.taken.slice(from).map(({ at, body }) => at - Date.parse(JSON.parse(body).timestamp))
}

function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

/** A row of the log is handed on whether anybody listens or not: the same round with and without types that a webhook may carry. */
async function costOfNothing() {
  const { WEBHOOK_TYPES } = await import('../../libs/platform/dist/webhooks/webhook-types.js')
  const own = await project()
  const micros = { without: [], with: [] }
  for (let round = 0; round < 12; round++) {
    const turns = [['without', []], ['with', WEBHOOK_TYPES]]
    for (const [name, types] of round % 2 === 0 ? turns : turns.toReversed()) {
      await happen([own.id], 2_000)
      const began = performance.now()
      const {
        rows: [{ n }],
      } = await sql.query('select auth.hand_on_events(2000, now(), $1) as n', [types])
      if (round > 1 && n > 1_000) micros[name].push(((performance.now() - began) * 1_000) / n)
    }
  }
  const [before, after] = [median(micros.without), median(micros.with)]
  console.log(`| an event where nobody listens, worker | ${after.toFixed(1)} µs, ${before.toFixed(1)} µs without webhooks at all: ${(after / before).toFixed(2)} × |`)
}

async function startWorker() {
  return started('worker', 'worker', (port) => ({ ...common, WORKER_PORT: String(port) }))
}

async function thousandPerSecond() {
  const projects = []
  for (let i = 0; i < 10; i++) projects.push(await project())
  for (const { printed } of projects) await api('POST', `projects/${printed}/webhooks`, { url: receiver.url('/ok'), types: [TYPE] })
  const worker = await startWorker()
  const ids = projects.map(({ id }) => id)
  const run = async (seconds) => {
    const from = receiver.taken.length
    const began = performance.now()
    for (let tick = 0; tick < seconds * 10; tick++) {
      await happen(ids, 10)
      await sleep(Math.max(0, began + (tick + 1) * 100 - performance.now()))
    }
    const fed = (performance.now() - began) / 1_000
    const sent = seconds * 1_000
    while (receiver.taken.length - from < sent && performance.now() - began < (seconds + 60) * 1_000) await sleep(20)
    const drained = (performance.now() - began) / 1_000 - fed
    return { from, sent, fed, drained, taken: receiver.taken.length - from }
  }
  await run(3)
  const { from, sent, fed, drained, taken } = await run(30)
  const all = lags(from)
  const [first, last] = [all.slice(0, all.length / 3), all.slice((all.length * 2) / 3)]
  console.log(
    `| ${sent.toLocaleString('en')} events in ${fed.toFixed(1)} s (${(sent / fed).toFixed(0)}/s) to ten endpoints | ${taken.toLocaleString('en')} taken, the last ${drained.toFixed(1)} s after the last event; from the event to the receiver p50 ${percentile(all, 0.5)} ms, p99 ${percentile(all, 0.99)} ms; first third p50 ${percentile(first, 0.5)} ms, last third ${percentile(last, 0.5)} ms |`,
  )
  await worker.stop()
  servers.splice(servers.indexOf(worker), 1)
}

async function besideDead() {
  const [ours, theirs] = [await tenant(), await tenant()]
  const alive = await project(ours)
  const dead = await project(theirs)
  await api('POST', `projects/${alive.printed}/webhooks`, { url: receiver.url('/ok'), types: [TYPE] }, ours)
  const endpoint = await api('POST', `projects/${dead.printed}/webhooks`, { url: receiver.url('/hang'), types: [TYPE] }, theirs)
  const turn = (off) =>
    sql.query(`update auth.webhook_endpoint set disabled_at = case when $2 then now() end where project_id = $1`, [dead.id, off])
  const worker = await startWorker()
  await happen([dead.id], 3_000)
  const round = async (seconds) => {
    const from = receiver.taken.length
    const began = performance.now()
    for (let tick = 0; tick < seconds * 20; tick++) {
      await happen([alive.id], 5)
      await sleep(Math.max(0, began + (tick + 1) * 50 - performance.now()))
    }
    while (receiver.taken.length - from < seconds * 100) await sleep(10)
    return lags(from)
  }
  await sleep(1_000)
  await turn(true)
  receiver.release()
  await round(2)
  const alone = []
  const beside = []
  for (let i = 0; i < 8; i++) {
    await turn(true)
    receiver.release()
    await sleep(300)
    alone.push(...(await round(3)))
    await turn(false)
    while (receiver.hanging.size < 10) await sleep(20)
    beside.push(...(await round(3)))
  }
  const [calm, loud] = [percentile(alone, 0.99), percentile(beside, 0.99)]
  console.log(`| an endpoint beside a dead one of another tenant with ${(3_000).toLocaleString('en')} waiting, 100 events/s | p99 ${calm} ms alone, ${loud} ms beside: ${(loud / calm).toFixed(2)} ×; p50 ${percentile(alone, 0.5)} and ${percentile(beside, 0.5)} ms |`)
  receiver.release()
  await api('DELETE', `projects/${dead.printed}/webhooks/${endpoint.id}`, undefined, theirs)
  await worker.stop()
  servers.splice(servers.indexOf(worker), 1)
}

async function besideHangingHook() {
  const plane = await started('data plane', 'data-plane', (port) => ({ ...common, DATA_PLANE_PORT: String(port) }))
  const [good, bad] = [await project(), await project()]
  const post = (at, path, body) =>
    fetch(`${plane.url}/${at.printed}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  for (const at of [good, bad]) {
    const answer = await post(at, 'signup', { email: 'ada@example.com', password: PASSWORD })
    if (answer.status !== 201) throw new Error(`sign-up answered ${answer.status}: ${await answer.text()}`)
  }
  const logIn = (at) => post(at, 'login', { email: 'ada@example.com', password: PASSWORD })
  const round = async (milliseconds) => {
    const times = []
    const until = performance.now() + milliseconds
    while (performance.now() < until) {
      const began = performance.now()
      const answer = await logIn(good)
      await answer.text()
      if (answer.status !== 200) throw new Error(`a sign-in beside a hanging hook answered ${answer.status}`)
      times.push(performance.now() - began)
    }
    return times
  }
  await round(1_500)
  const alone = []
  const beside = []
  let hung = 0
  for (let i = 0; i < 8; i++) {
    alone.push(...(await round(3_500)))
    // Made anew each time: its circuit is closed, so that every one of its sign-ins hangs.
    await api('PUT', `projects/${bad.printed}/hooks/before_sign_in`, { url: receiver.url('/hang') })
    await sleep(600)
    const hanging = Array.from({ length: 40 }, () => logIn(bad).then((answer) => answer.status))
    while (receiver.hanging.size < 40) await sleep(5)
    hung += receiver.hanging.size
    // A question is asked again after 2.45 s, and has no answer after 5 s.
    beside.push(...(await round(3_500)))
    await Promise.all(hanging)
    receiver.release()
    await api('DELETE', `projects/${bad.printed}/hooks/before_sign_in`)
    await sleep(600)
  }
  const [calm, loud] = [percentile(alone, 0.99), percentile(beside, 0.99)]
  console.log(`| sign-ins of a project while 40 of another hang in its hook (${hung} in all) | p99 ${calm.toFixed(1)} ms alone, ${loud.toFixed(1)} ms beside: ${(loud / calm).toFixed(2)} ×; p50 ${percentile(alone, 0.5).toFixed(1)} and ${percentile(beside, 0.5).toFixed(1)} ms; ${alone.length + beside.length} sign-ins |`)
}
