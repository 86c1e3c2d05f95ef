import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, startDataPlane } from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { freePort } from '../support/redis-server.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.drop())

test.each<[string, (url: URL) => Promise<unknown> | unknown, string]>([
  ['a database that is not there', (url) => Object.assign(url, { pathname: '/nowhere' }), 'the database does not exist'],
  ['an address where nobody listens', async (url) => Object.assign(url, { port: String(await freePort()) }), 'nobody listens at the address'],
  ['TLS where the server has none', (url) => url.searchParams.set('sslmode', 'verify-full'), 'the server does not speak TLS'],
  ['a host that nobody knows', (url) => Object.assign(url, { hostname: 'nowhere.invalid' }), 'the host name is not known'],
])('%s: readiness and one line of the log say so', async (_what, change, why) => {
  const url = new URL(database.url)
  await change(url)
  const lines: string[] = []
  const plane = await startDataPlane({ ...database, url: url.href }, { logTo: (line) => lines.push(line) })
  for (let probe = 0; probe < 3; probe++) {
    const { status, body } = await call(`${plane.url}/health/ready`)
    expect([status, body.error.details]).toEqual([503, [{ field: 'postgres', code: 'down', message: `Not ready: ${why}.` }]])
    await new Promise((done) => setTimeout(done, 300))
  }
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'not ready')
  expect(told.map(({ part, why: said }) => [part, said])).toEqual([['postgres', why]])
  await plane.close()
})
