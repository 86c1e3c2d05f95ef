// `npm run bench:scim`: an identity provider's first sync of 10,000 people over one connection (looks each up, makes them), and what
// another project feels of it. `-- --people=1000` for a smaller look. Prints rows for docs/figures.md.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { applyMigrations } from '../../scripts/apply-migrations.mjs'
import { describeMachine, startServer } from './machine.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PEOPLE = Number(process.argv.find((arg) => arg.startsWith('--people='))?.slice('--people='.length) ?? 10_000)
const GOAL_SECONDS = 60
const GOAL_RATIO = 1.2
const NEIGHBOUR_INTERVAL_MS = 20
const QUIET_SECONDS = 12

const folder = await mkdtemp(join(tmpdir(), 'portico-scim-'))
await chmod(folder, 0o711)
const { startEmbeddedPostgres } = await import('../../tools/dev-database/dist/embedded-postgres.js')
const settings = { shared_buffers: '512MB', max_wal_size: '4GB' }
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), settings })
const apiKey = `msk_live_${randomBytes(32).toString('base64url')}`
const common = { DATABASE_URL: postgres.url, PORTICO_MASTER_KEY: randomBytes(32).toString('base64'), PORTICO_LOG_LEVEL: 'warn' }
const servers = []
try {
  await applyMigrations({ url: postgres.url, masterKey: common.PORTICO_MASTER_KEY })
  const start = async (name, app, env) => {
    const server = await startServer(name, [join(ROOT, `apps/${app}/dist/main.js`)], env, '/health/ready')
    servers.push(server)
    return server
  }
  const control = await start('control plane', 'control-plane', (port) => ({
    ...common, CONTROL_PLANE_METRICS_PORT: '0', CONTROL_PLANE_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
    PORTICO_BOOTSTRAP_API_KEY: apiKey,
  }))
  const data = await start('data plane', 'data-plane', (port) => ({
    ...common, DATA_PLANE_METRICS_PORT: '0', DATA_PLANE_PORT: String(port), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
  }))
  await measure(control, data)
} finally {
  for (const server of servers) await server.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

function send(agent, base, method, path, token, body) {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    }
    const asked = request(base + path, { agent, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part) => (text += part))
      answer.on('end', () => resolve({ status: answer.statusCode, body: text === '' ? null : JSON.parse(text) }))
    })
    asked.on('error', reject)
    asked.end(payload)
  })
}

async function measure(control, data) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const api = async (method, path, body) => (await send(agent, `${control.url}/api/v1`, method, path, apiKey, body)).body.data
  const project = async () => {
    const made = await api('POST', '/projects', { name: 'Bench' })
    await api('POST', `/projects/${made.id}/auth`, { organizations: 'managed' })
    return made.id
  }
  const [synced, neighbour] = [await project(), await project()]
  const organization = await api('POST', `/projects/${synced}/organizations`, { name: 'Company' })
  const directory = await api('POST', `/projects/${synced}/directories`, { name: 'Entra', organization_id: organization.id })
  const { token } = await api('POST', `/projects/${synced}/directories/${directory.id}/tokens`, {})
  const signedUp = await send(agent, `${data.url}/${neighbour}`, 'POST', '/signup', '', { email: 'a@example.com', password: 'correct horse 9!' })
  const look = () => send(agent, `${data.url}/${neighbour}`, 'GET', '/user', signedUp.body.access_token)

  for (let at = 0; at < 200; at += 1) await look()
  const before = await neighbourWhile(look, sleep(QUIET_SECONDS * 1_000))
  const began = performance.now()
  const during = await neighbourWhile(look, sync(`${data.url}/${synced}/scim/v2`, token))
  const seconds = (performance.now() - began) / 1_000
  agent.destroy()
  const ratio = during.p99 / before.p99
  console.log(`${describeMachine()}\n`)
  console.log(`| ${PEOPLE.toLocaleString('en')} people, looked up and made, one connection | ${seconds.toFixed(1)} s | ≤ ${GOAL_SECONDS} s | ${seconds <= GOAL_SECONDS ? 'yes' : '**no**'} |`)
  console.log(`| another project's \`GET /user\`, p50 before and during | ${before.p50.toFixed(2)} and ${during.p50.toFixed(2)} ms | | |`)
  console.log(`| the same, p99 | ${before.p99.toFixed(2)} and ${during.p99.toFixed(2)} ms, ${ratio.toFixed(2)} × | ≤ ${GOAL_RATIO} × | ${ratio <= GOAL_RATIO ? 'yes' : '**no**'} |`)
}

async function neighbourWhile(look, work) {
  let going = true
  const done = work.finally(() => (going = false))
  const times = []
  while (going) {
    const began = performance.now()
    const { status } = await look()
    if (status !== 200) throw new Error(`the neighbour was answered ${status}`)
    times.push(performance.now() - began)
    await sleep(NEIGHBOUR_INTERVAL_MS)
  }
  await done
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { p50: at(0.5), p99: at(0.99) }
}

async function sync(base, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let at = 0; at < PEOPLE; at += 1) {
    const userName = `person.${at}@corp.example`
    const filter = encodeURIComponent(`userName eq "${userName}"`)
    const found = await send(agent, base, 'GET', `/Users?filter=${filter}`, token)
    if (found.body.totalResults !== 0) throw new Error('somebody is there already')
    const made = await send(agent, base, 'POST', '/Users', token, {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      externalId: String(at),
      userName,
      active: true,
      displayName: `Person ${at}`,
      name: { givenName: 'Person', familyName: String(at) },
      emails: [{ value: userName, type: 'work', primary: true }],
    })
    if (made.status !== 201) throw new Error(`${userName} was answered ${made.status}: ${JSON.stringify(made.body)}`)
  }
  agent.destroy()
}
