import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../../faults/fault-proxy.js'
import { countStatements, type StatementCounter } from '../../faults/statement-counter.js'
import { call, createTestProject, openAdmin, PASSWORD, signUp, startDataPlane, type RunningDataPlane, type TestProject } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

/** `/verify` answers for sessions it remembers. Whatever ends a session must be stronger than that memory. */
let database: TestDatabase
let admin: Client
let proxy: FaultProxy
let counter: StatementCounter
let here: RunningDataPlane
let there: RunningDataPlane
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  admin = await openAdmin(database)
  const url = new URL(database.url)
  proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  counter = countStatements(proxy)
  url.port = String(proxy.port)
  here = await startDataPlane({ ...database, url: url.href })
  there = await startDataPlane(database)
  project = await createTestProject(database)
  base = here.url + project.path
})

afterAll(async () => {
  await here?.close()
  await there?.close()
  await proxy?.close()
  await admin?.end()
  await database?.drop()
})

const verify = async (token: string, at = base) => (await call(`${at}/verify`, { body: { token } })).status
const logIn = async (email: string, at = base) => (await call(`${at}/login`, { body: { email, password: PASSWORD } })).body as { access_token: string; refresh_token: string; user_id: string }

/** A token whose session the plane remembers, checked by what it asks of the database. */
async function remembered(token: string, at = base): Promise<string> {
  expect(await verify(token, at)).toBe(200)
  counter.take()
  expect(await verify(token, at)).toBe(200)
  expect(counter.take()).toEqual([])
  return token
}

test.each([
  ['logging out', async (token: string) => call(`${base}/logout`, { method: 'POST', token })],
  ['logging out everywhere', async (token: string) => call(`${base}/logout?scope=global`, { method: 'POST', token })],
  ['ending all sessions', async (token: string) => call(`${base}/sessions`, { method: 'DELETE', token })],
  ['deleting the account', async (token: string) => call(`${base}/user`, { method: 'DELETE', token, body: { password: PASSWORD } })],
  ['a refresh token used again too late', async (_token: string, refreshToken: string) => {
    const { body } = await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })
    await call(`${base}/refresh`, { body: { refresh_token: (body as { refresh_token: string }).refresh_token } })
    return call(`${base}/refresh`, { body: { refresh_token: refreshToken } })
  }],
])('%s counts in the same process before it is answered', async (_what, end) => {
  const { accessToken, refreshToken } = await signUp(base)
  const token = await remembered(accessToken)
  expect((await end(token, refreshToken)).status).toBeLessThan(500)
  expect(await verify(token)).toBe(401)
})

test('a password change ends the other session and leaves this one', async () => {
  const { email, accessToken } = await signUp(base)
  const other = await remembered((await logIn(email)).access_token)
  const mine = await remembered(accessToken)
  const changed = await call(`${base}/password`, { token: mine, body: { current_password: PASSWORD, password: 'another long passphrase 7!' } })
  expect(changed.status).toBe(200)
  expect([await verify(other), await verify(mine)]).toEqual([401, 200])
})

test('one of twenty verifies at once with a logout: none is good after the logout was answered', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { accessToken } = await signUp(base)
    const storm = Array.from({ length: 20 }, () => verify(accessToken))
    expect((await call(`${base}/logout`, { method: 'POST', token: accessToken })).status).toBe(200)
    expect(await verify(accessToken)).toBe(401)
    for (const status of await Promise.all(storm)) expect([200, 401]).toContain(status)
    expect(await verify(accessToken)).toBe(401)
  }
})

test('the session that a limit of sessions pushes out is over at once', async () => {
  const limited = here.url + (await createTestProject(database, { settings: { max_active_sessions: 1 } })).path
  const { email, accessToken } = await signUp(limited)
  await remembered(accessToken, limited)
  const { access_token: second } = await logIn(email, limited)
  expect([await verify(accessToken, limited), await verify(second, limited)]).toEqual([401, 200])
})

test.each([
  ['a logout at another process', async (token: string) => call(`${there.url}${project.path}/logout`, { method: 'POST', token })],
  ['an account that an operator disables', async (_: string, userId: string) => admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, userId])],
  ['an account that an operator deletes', async (_: string, userId: string) => admin.query('delete from auth.end_user where project_id = $1 and id = $2', [project.id, userId])],
])('%s is heard', async (_what, end) => {
  const { accessToken, userId } = await signUp(base)
  await remembered(accessToken)
  await end(accessToken, userId)
  await expect.poll(() => verify(accessToken), { timeout: 10_000, interval: 5 }).toBe(401)
})

test('a sign-up, a login, a refresh and the use of a session are not announced', async () => {
  const heard: string[] = []
  admin.on('notification', ({ payload }) => heard.push(payload ?? ''))
  await admin.query('listen portico_session')
  const { email, accessToken, refreshToken } = await signUp(base)
  await logIn(email)
  await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })
  here.clock.advanceSeconds(90)
  await verify(accessToken)
  await call(`${base}/user`, { token: accessToken })
  await admin.query('select 1')
  expect(heard).toEqual([])
  await call(`${base}/logout`, { method: 'POST', token: accessToken })
  await expect.poll(async () => (await admin.query('select 1')) && heard.length, { timeout: 10_000 }).toBe(1)
  await admin.query('unlisten portico_session')
})

test('without the channel every verify asks, and nothing missed is believed afterwards', async () => {
  const { accessToken } = await signUp(base)
  await remembered(accessToken)
  proxy.set({ kind: 'refuse' })
  proxy.cutAll()
  await admin.query('update auth.session set ended_at = now() where project_id = $1 and ended_at is null', [project.id])
  await expect.poll(() => verify(accessToken), { timeout: 10_000, interval: 5 }).toBe(503)
  proxy.set({ kind: 'none' })
  await expect.poll(() => verify(accessToken), { timeout: 10_000, interval: 20 }).toBe(401)
})

test('a token of a key that is retired is not remembered', async () => {
  const { accessToken } = await signUp(base)
  await expect.poll(() => verify(accessToken), { timeout: 10_000 }).toBe(200)
  await admin.query(`update auth.signing_key set state = 'retired', verify_until = now() - interval '1 second' where project_id = $1`, [project.id])
  await expect.poll(() => verify(accessToken), { timeout: 10_000, interval: 5 }).toBe(401)
})
