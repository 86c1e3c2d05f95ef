import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createTestProject, PASSWORD, signUp } from '../support/data-plane.js'
import { createTestDatabase, testMasterKey } from '../support/postgres.js'
import { startApp } from '../support/processes.js'
import { connect } from '../support/sql.js'

/**
 * What metering, the chain of the audit log and everything else that the worker does beside cost a login and a refresh: rounds in turn, in
 * one run, with the worker at work and with it held (SIGSTOP). A worker that is let go first works off what waited meanwhile: refreshes,
 * which make no events, would else pay for those of logins.
 */
const MOST_PERCENT = 3
const ROUNDS = 6
const ROUND_MS = 4_000
const CONNECTIONS = 8
const PEOPLE = 64

const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
const post = (url: string, body: unknown, ip: string) =>
  new Promise<Record<string, string>>((done, fail) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': ip }
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.on('data', (part: Buffer) => (text += part.toString()))
      answer.on('end', () => (answer.statusCode === 200 ? done(JSON.parse(text)) : fail(new Error(`${answer.statusCode} ${text}`))))
    })
    sent.on('error', fail).end(JSON.stringify(body))
  })

/** Requests a second, one after another on each connection. */
async function rate(one: (connection: number) => Promise<void>): Promise<number> {
  const begun = performance.now()
  let count = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      while (performance.now() - begun < ROUND_MS) {
        await one(connection)
        count += 1
      }
    }),
  )
  return (count / (performance.now() - begun)) * 1000
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

test('what metering costs', async () => {
  const database = await createTestDatabase()
  stops.push(() => database.drop())
  const owner = await connect(database.url)
  stops.push(() => owner.close())
  const limits = { login_account: { points: 1_000_000, window_seconds: 900 }, login_client: { points: 1_000_000, window_seconds: 900 } }
  const project = await createTestProject(database, { settings: { limits } })
  const env = { DATABASE_URL: database.url, PORTICO_MASTER_KEY: testMasterKey().toString('base64'), PORTICO_LOG_LEVEL: 'warn' }
  const data = await startApp('data-plane', { env: { ...env, TRUSTED_PROXY_HOPS: '1' } })
  stops.push(() => data.stop())
  const worker = await startApp('worker', { env })
  stops.push(async () => {
    worker.signal('SIGCONT')
    await worker.stop()
  })
  const base = data.url + project.path
  const people: { email: string; refresh: string }[] = []
  for (let i = 0; i < PEOPLE; i += 1) {
    const { email, refreshToken } = await signUp(base)
    people.push({ email, refresh: refreshToken })
  }
  let next = 0
  const measures: Record<string, (connection: number) => Promise<void>> = {
    login: async () => {
      const person = people[(next += 1) % PEOPLE]!
      await post(`${base}/login`, { email: person.email, password: PASSWORD }, `10.1.${next % 250}.${(next >> 8) % 250}`)
    },
    refresh: async (connection) => {
      // Each connection has sessions of its own.
      const mine = people.filter((_, i) => i % CONNECTIONS === connection)
      const person = mine[(next += 1) % mine.length]!
      person.refresh = (await post(`${base}/refresh`, { refresh_token: person.refresh }, `10.2.${connection}.1`))['refresh_token']!
    },
  }
  const rates = new Map<string, number[]>()
  // In turn, and each pair the other way round than the one before, so that the machine's moods meet both; the first is for the compiler.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, one] of Object.entries(measures)) {
      for (const held of round % 2 ? [true, false] : [false, true]) {
        worker.signal(held ? 'SIGSTOP' : 'SIGCONT')
        while (!held && (await owner.query('select 1 from auth.audit_event where waiting limit 1')).length > 0) await sleep(100)
        const measured = await rate(one)
        if (round > 0) rates.set(`${name} ${held}`, [...(rates.get(`${name} ${held}`) ?? []), measured])
      }
    }
  }
  worker.signal('SIGCONT')
  const costs = Object.keys(measures).map((name) => {
    const [working, held] = [rates.get(`${name} false`)!, rates.get(`${name} true`)!]
    // Of each pair by itself: the machine changes between pairs, not within one.
    const cost = median(working.map((value, i) => (1 - value / held[i]!) * 100))
    return { name, working: median(working), held: median(held), cost }
  })
  const rows = costs.map(({ name, working, held, cost }) => `| ${name} | ${held.toFixed(0)}/s | ${working.toFixed(0)}/s | ${cost.toFixed(1)} % |`)
  console.log(['| | worker held | worker at work | cost (median of pairs) |', '| --- | ---: | ---: | ---: |', ...rows].join('\n'))
  for (const { name, cost } of costs) expect(cost, name).toBeLessThanOrEqual(MOST_PERCENT)
})
