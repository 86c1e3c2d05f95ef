import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'
import { connect, type Connection } from '../support/sql.js'

/** 1,000 rounds of 20 parallel refreshes of one token over two data-plane processes: one child a round, no failure, no second family. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 1_000)
const PARALLEL = 20
const API_KEY = `msk_test_${'c'.repeat(43)}`

let database: TestDatabase
let owner: Connection
let control: AppProcess
let planes: AppProcess[]

beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  const ports = [await freePort(), await freePort()]
  const env = {
    DATABASE_URL: database.url,
    PORTICO_MASTER_KEY: inject('servers').masterKey,
    PORTICO_BOOTSTRAP_API_KEY: API_KEY,
    DATA_PLANE_PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
    PORTICO_LOG_LEVEL: 'warn',
  }
  control = await startApp('control-plane', { env })
  planes = await Promise.all(ports.map((port) => startApp('data-plane', { env, port })))
})
afterAll(async () => {
  await Promise.all([control, ...planes].map((app) => app.stop()))
  await owner.close()
  await database.drop()
})

async function post(
  url: string,
  body: unknown,
  bearer?: string,
): Promise<{ status: number; body: Record<string, string> & { data: Record<string, string> } }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> & { data: Record<string, string> } }
}

test(`${ROUNDS} rounds of ${PARALLEL} parallel refreshes`, async () => {
  const project = (await post(`${control.url}/api/v1/projects`, { name: 'Race' }, API_KEY)).body.data['id']!
  await post(`${control.url}/api/v1/projects/${project}/auth`, { providers: ['email'] }, API_KEY)
  const urls = planes.map((plane) => `${plane.url}/${project}`)
  const session = (await post(`${urls[0]}/signup`, { email: 'race@example.com', password: 'a long enough password' })).body
  let current = session['refresh_token']!
  let failures = 0
  let split = 0
  const started = performance.now()
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, index) => post(`${urls[index % 2]}/refresh`, { refresh_token: current })),
    )
    failures += answers.filter((answer) => answer.status !== 200).length
    const children = new Set(answers.map((answer) => answer.body['refresh_token']))
    if (children.size !== 1) split += 1
    current = [...children][0]!
  }
  const seconds = (performance.now() - started) / 1000
  const [row] = await owner.query<{ generation: number; ended: boolean }>(
    'select generation, ended_at is not null as ended from auth.session',
  )
  const [audit] = await owner.query<{ n: number }>(
    `select count(*)::int as n from auth.audit_event where action = 'session.reuse_detected'`,
  )
  process.stdout.write(`${JSON.stringify({ rounds: ROUNDS, parallel: PARALLEL, failures, split, ...row, reuse_detected: audit!.n, per_second: Math.round((ROUNDS * PARALLEL) / seconds) })}\n`)
  expect({ failures, split, row, reuse: audit!.n }).toEqual({ failures: 0, split: 0, row: { generation: ROUNDS, ended: false }, reuse: 0 })
})
