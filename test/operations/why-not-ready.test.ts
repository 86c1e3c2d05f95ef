import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, startDataPlane } from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { freePort } from '../support/redis-server.js'
import { startRefuser } from '../support/tenant-pooler.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.drop())

const stops: (() => void)[] = []
afterAll(() => {
  for (const stop of stops.splice(0)) stop()
})

/** What refuses the start of a connection: a server, or a pooler. */
const refusedWith = (code: string, message: string) => async (url: URL) => {
  const refuser = await startRefuser(code, message)
  stops.push(refuser.stop)
  return Object.assign(url, { port: String(refuser.port) })
}

test.concurrent.each<[string, (url: URL) => Promise<unknown> | unknown, string, string?]>([
  [
    'a parameter that a pooler does not take',
    refusedWith('08P01', 'unsupported startup parameter: x'),
    'the start of the connection was refused (a pooler that does not take a parameter?)',
  ],
  ['a tenant that a pooler does not know', refusedWith('XX000', 'Tenant or user not found'), 'the pooler does not know the tenant or the role'],
  [
    'a password that is not this one',
    refusedWith('28P01', 'password authentication failed'),
    'the login of the role was refused (password, or pg_hba.conf)',
    // From which the role's password follows.
    'master_key',
  ],
  ['a server that starts', refusedWith('57P03', 'the database system is starting up'), 'the server is starting, stopping or recovering'],
  ['a server that is full', refusedWith('53300', 'too many clients'), 'the server has no connection left'],
  ['a database that is not there', (url) => Object.assign(url, { pathname: '/nowhere' }), 'the database does not exist'],
  ['an address where nobody listens', async (url) => Object.assign(url, { port: String(await freePort()) }), 'nobody listens at the address'],
  ['TLS where the server has none', (url) => url.searchParams.set('sslmode', 'verify-full'), 'the server does not speak TLS'],
  ['a host that nobody knows', (url) => Object.assign(url, { hostname: 'nowhere.invalid' }), 'the host name is not known'],
])('%s: readiness and one line of the log say so', async (_what, change, why, part = 'postgres') => {
  const url = new URL(database.url)
  await change(url)
  const lines: string[] = []
  const plane = await startDataPlane({ ...database, url: url.href }, { logTo: (line) => lines.push(line) })
  for (let probe = 0; probe < 3; probe++) {
    const { status, body } = await call(`${plane.url}/health/ready`)
    expect([status, body.error.details]).toEqual([503, [{ field: part, code: 'down', message: `Not ready: ${why}.` }]])
    await new Promise((done) => setTimeout(done, 300))
  }
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'not ready')
  const parts = part === 'postgres' ? [part] : [part, 'postgres']
  expect(told.map(({ part: of, why: said }) => [of, said])).toEqual(parts.map((each) => [each, why]))
  await plane.close()
})
