import { Agent, get } from 'node:http'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startApp, type AppProcess } from '../support/processes.js'
import { formOf } from '../support/page-forms.js'
import { startSignInFixture, type SignInFixture } from '../support/sign-in-fixture.js'

/** The time to the first byte of hosted pages, beside a JSON route of the same process: one connection, one request at a time, in turns. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 1_500)
const WARM_UP = 300
const GOAL_MS = 5

let fixture: SignInFixture
let plane: AppProcess | undefined
let base: string
let cookie: string
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeAll(async () => {
  // Idle: it made the project. What is measured is a process of its own.
  fixture = await startSignInFixture()
  const { id } = await fixture.project(['email'])
  plane = await startApp('data-plane', {
    env: {
      DATABASE_URL: fixture.control.database.url,
      PORTICO_MASTER_KEY: inject('servers').masterKey,
      DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
      PORTICO_LOG_LEVEL: 'error',
    },
  })
  base = `${plane.url}/${id}`
  cookie = await signedIn()
})
afterAll(async () => {
  agent.destroy()
  await plane?.stop()
  await fixture?.close()
})

/** The cookies of somebody who signed up on the page. */
async function signedIn(): Promise<string> {
  const shown = await fetch(`${base}/sign-up`)
  const browser = shown.headers.getSetCookie()[0]!.split(';')[0]!
  const { fields } = formOf(await shown.text(), /sign-up/)
  const body = new URLSearchParams({ ...fields, email: 'ada@example.com', password: 'correct horse battery 9!' })
  const done = await fetch(`${base}/sign-up`, { method: 'POST', redirect: 'manual', headers: { cookie: browser }, body })
  expect(done.status).toBeLessThan(400)
  return [browser, ...done.headers.getSetCookie().map((line) => line.split(';')[0]!)].join('; ')
}

const firstByte = (path: string): Promise<number> =>
  new Promise((done, fail) => {
    const since = performance.now()
    get(`${base}${path}`, { agent, headers: { cookie, 'accept-language': 'de' } }, (response) => {
      const took = performance.now() - since
      response.on('end', () => (response.statusCode === 200 ? done(took) : fail(new Error(`${path}: ${response.statusCode}`)))).resume()
    }).on('error', fail)
  })

const quantile = (times: number[], share: number) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!

test('the first byte of a page comes within 5 ms of that of a JSON route', async () => {
  const paths = ['/settings', '/sign-in', '/sign-up', '/forgot', '/account', '/signed-out', '/mail/password_reset?token=x']
  const times = new Map(paths.map((path) => [path, [] as number[]]))
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const path of paths) {
      const took = await firstByte(path)
      if (round >= WARM_UP) times.get(path)!.push(took)
    }
  }
  const [json = 0, ...pages] = paths.map((path) => quantile(times.get(path)!, 0.5))
  for (const path of paths) {
    const all = times.get(path)!
    console.log(`${path.padEnd(30)} median ${quantile(all, 0.5).toFixed(2)} ms, p99 ${quantile(all, 0.99).toFixed(2)} ms`)
  }
  for (const page of pages) expect(page - json).toBeLessThanOrEqual(GOAL_MS)
}, 300_000)
