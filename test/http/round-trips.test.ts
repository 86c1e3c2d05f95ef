import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.js'
import { countStatements, type StatementCounter } from '../faults/statement-counter.js'
import {
  PASSWORD,
  call,
  createTestProject,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'

/** What an operation asks of PostgreSQL, statement by statement: a trip more is a slower product, so it has to be meant. */
let database: TestDatabase
let proxy: FaultProxy
let counter: StatementCounter
let plane: RunningDataPlane
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  counter = countStatements(proxy)
  url.port = String(proxy.port)
  plane = await startDataPlane({ ...database, url: url.href })
  project = await createTestProject(database)
  base = `${plane.url}${project.path}`
  // The project's record is read once and remembered; it is not part of an operation.
  await call(`${base}/settings`)
})
afterAll(async () => {
  await plane?.close()
  await proxy?.close()
  await database?.drop()
})

/** Without the counters of the limits, which are in Redis where there is one. */
async function tripsOf(work: () => Promise<unknown>): Promise<string[]> {
  counter.take()
  await work()
  // Once in ten seconds, and no part of an operation.
  return counter.take().filter((name) => !name.startsWith('limit_') && name !== 'note_hash_ms')
}

test('sign-up is one trip', async () => {
  expect(await tripsOf(() => signUp(base))).toHaveLength(1)
})

test('login is two trips: one before the hash, one after', async () => {
  const { email } = await signUp(base)
  expect(await tripsOf(() => call(`${base}/login`, { body: { email, password: PASSWORD } }))).toHaveLength(2)
})

test('refresh and GET /user are one trip; verify is none, and one when the user changed', async () => {
  const { accessToken, refreshToken } = await signUp(base)
  expect(await tripsOf(() => call(`${base}/refresh`, { body: { refresh_token: refreshToken } }))).toHaveLength(1)
  expect(await tripsOf(() => call(`${base}/user`, { token: accessToken }))).toEqual(['current_account'])
  const verify = () => tripsOf(() => call(`${base}/verify`, { body: { token: accessToken } }))
  expect(await verify()).toEqual([])
  await call(`${base}/logout`, { method: 'POST', token: accessToken })
  expect(await verify()).toEqual(['live_session'])
})

test('a reset request does the same for a known and an unknown address', async () => {
  const { email } = await signUp(base)
  const known = await tripsOf(() => call(`${base}/password-reset`, { body: { email } }))
  const unknown = await tripsOf(() => call(`${base}/password-reset`, { body: { email: 'nobody@example.com' } }))
  expect(known).toEqual(unknown)
  expect(known).toEqual(['enqueue_mail'])
})

test('what needs no database does not ask it', async () => {
  expect(await tripsOf(() => call(`${base}/settings`))).toEqual([])
  expect(await tripsOf(() => call(`${base}/jwks`))).toEqual([])
  expect(await tripsOf(() => call(`${base}/verify`, { body: { token: 'not.a.token' } }))).toEqual([])
  const { refreshToken } = await signUp(base)
  const forged = `${refreshToken.slice(0, 60)}${'A'.repeat(10)}`
  for (const token of ['short', forged]) expect(await tripsOf(() => call(`${base}/refresh`, { body: { refresh_token: token } }))).toEqual([])
})
