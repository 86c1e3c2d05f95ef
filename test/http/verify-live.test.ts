import { INTERVAL_MS } from '@portico/database/change-feed'
import { setTimeout as sleep } from 'node:timers/promises'
import jwt from 'jsonwebtoken'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.js'
import { countStatements, type StatementCounter } from '../faults/statement-counter.js'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, openAdmin, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../support/data-plane.js'

/** `/verify` asks the database for nobody but those who changed. Whatever ends a session must reach every process within a second. */
let control: TestControlPlane
let admin: Client
let proxy: FaultProxy
let counter: StatementCounter
let here: RunningDataPlane
let there: RunningDataPlane
let project: Project
let base: string

interface Project {
  /** `proj_…` */
  id: string
  uuid: string
  secret: string
}

async function makeProject(settings: Record<string, unknown> = {}): Promise<Project> {
  const { id } = (await control.call('POST', 'projects', { name: 'Live' })).body.data as { id: string }
  expect((await control.call('POST', `projects/${id}/auth`, { limits: { signup_client: { points: 10_000, window_seconds: 60 } }, ...settings })).status).toBeLessThan(300)
  const { env } = (await control.call('GET', `projects/${id}/runtime-env`)).body.data as { env: Record<string, string> }
  return { id, uuid: id.slice('proj_'.length), secret: env['AUTH_JWT_SECRET']! }
}

beforeAll(async () => {
  control = await startControlPlane({ overrides: { changeFeedMs: INTERVAL_MS } })
  const { database } = control
  admin = await openAdmin(database)
  const url = new URL(database.url)
  proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  counter = countStatements(proxy)
  url.port = String(proxy.port)
  here = await startDataPlane({ ...database, url: url.href }, { changeFeedMs: INTERVAL_MS })
  there = await startDataPlane(database, { clock: here.clock, changeFeedMs: INTERVAL_MS })
  project = await makeProject()
  base = `${here.url}/${project.id}`
})

afterAll(async () => {
  await here?.close()
  await there?.close()
  await proxy?.close()
  await admin?.end()
  await control?.stop()
})

const verify = (token: string, at = base) => call(`${at}/verify`, { body: { token } })
const logIn = async (email: string, at = base) => (await call(`${at}/login`, { body: { email, password: PASSWORD } })).body as { access_token: string; refresh_token: string; user_id: string }
const part = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index]!, 'base64url').toString()) as Record<string, unknown>

/** What the database was asked since, but for the counters of the limits and for a project that is read again because it was changed. */
const asked = () => counter.take().filter((name) => !name.startsWith('limit_') && name !== 'resolve_project')

/** Verified here, without a question to the database. */
async function known(token: string, at = base): Promise<void> {
  counter.take()
  expect((await verify(token, at)).status).toBe(200)
  expect(asked()).toEqual([])
}

describe('what ends a session at one process', () => {
  type Person = Awaited<ReturnType<typeof signUp>>
  interface Ending {
    of?: Record<string, unknown>
    end: (person: Person, elsewhere: string, project: Project) => Promise<{ status: number }>
    /** What `/verify` says then; 401 unless the project itself is off. */
    says?: number
  }
  const users = ({ userId }: Person, { id }: Project, rest = '') => `projects/${id}/users/${userId}${rest}`
  const endings: Record<string, Ending> = {
    'a logout': { end: ({ accessToken }, at) => call(`${at}/logout`, { method: 'POST', token: accessToken }) },
    'a logout with the refresh token': { end: ({ refreshToken }, at) => call(`${at}/logout`, { body: { refresh_token: refreshToken } }) },
    'a logout everywhere': { end: async ({ email }, at) => call(`${at}/logout?scope=global`, { method: 'POST', token: (await logIn(email, at)).access_token }) },
    'a logout of the others': { end: async ({ email }, at) => call(`${at}/logout?scope=others`, { method: 'POST', token: (await logIn(email, at)).access_token }) },
    'ending all sessions': { end: ({ accessToken }, at) => call(`${at}/sessions`, { method: 'DELETE', token: accessToken }) },
    'ending it from another session': {
      end: async ({ email, accessToken }, at) => call(`${at}/sessions/${String(part(accessToken, 1)['sid'])}`, { method: 'DELETE', token: (await logIn(email, at)).access_token }),
    },
    'a password change in another session': {
      end: async ({ email }, at) =>
        call(`${at}/password`, { token: (await logIn(email, at)).access_token, body: { current_password: PASSWORD, password: 'another long passphrase 7!' } }),
    },
    'the limit of sessions': { of: { max_active_sessions: 1 }, end: ({ email }, at) => call(`${at}/login`, { body: { email, password: PASSWORD } }) },
    'a reused refresh token': {
      end: async ({ refreshToken }, at) => {
        const child = (await call(`${at}/refresh`, { body: { refresh_token: refreshToken } })).body as { refresh_token: string }
        await call(`${at}/refresh`, { body: { refresh_token: child.refresh_token } })
        return call(`${at}/refresh`, { body: { refresh_token: refreshToken } })
      },
    },
    'deleting the account': { end: ({ accessToken }, at) => call(`${at}/user`, { method: 'DELETE', token: accessToken, body: { password: PASSWORD } }) },
    'an operator who disables the account': { end: (person, _, of) => control.call('PATCH', users(person, of), { disabled: true }) },
    'an operator who deletes the account': { end: (person, _, of) => control.call('DELETE', users(person, of)) },
    'an operator who ends the sessions': { end: (person, _, of) => control.call('DELETE', users(person, of, '/sessions')) },
    'an operator who evicts an intruder': { end: (person, _, of) => control.call('POST', users(person, of, '/evict'), {}) },
    'an operator who sets a password': { end: (person, _, of) => control.call('PATCH', users(person, of), { password: 'another long passphrase 7!' }) },
    'turning the project off': { of: {}, end: (_, __, of) => control.call('DELETE', `projects/${of.id}/auth`), says: 403 },
    'archiving the project': { of: {}, end: (_, __, of) => control.call('DELETE', `projects/${of.id}`), says: 404 },
  }

  test.each(Object.entries(endings))('%s counts at the others within a second', async (_name, { of, end, says = 401 }) => {
    const own = of ? await makeProject(of) : project
    const [at, elsewhere] = [`${here.url}/${own.id}`, `${there.url}/${own.id}`]
    const person = await signUp(at)
    await call(`${at}/settings`)
    expect((await verify(person.accessToken, at)).status).toBe(200)
    expect((await verify(person.accessToken, elsewhere)).status).toBe(200)
    expect((await end(person, elsewhere, own)).status).toBeLessThan(500)
    const answeredAt = performance.now()
    for (const process of [at, elsewhere]) {
      await expect.poll(async () => (await verify(person.accessToken, process)).status, { timeout: 5_000, interval: 10 }).toBe(says)
    }
    expect(performance.now() - answeredAt).toBeLessThan(1_000)
    // And it stays over, also for a process that begins now.
    const later = await startDataPlane(control.database, { clock: here.clock, changeFeedMs: INTERVAL_MS })
    expect((await verify(person.accessToken, `${later.url}/${own.id}`)).status).toBe(says)
    await later.close()
  })

  const atOnce = Object.entries(endings).filter(([name]) => !/operator|project/.test(name))
  test.each(atOnce)('%s counts in the same process before it is answered', async (_name, { of, end }) => {
    const own = of ? await makeProject(of) : project
    const at = `${here.url}/${own.id}`
    const person = await signUp(at)
    expect((await verify(person.accessToken, at)).status).toBe(200)
    await end(person, at, own)
    expect((await verify(person.accessToken, at)).status).toBe(401)
  })
})

test('a session beside the one that ended goes on, and is asked for once', async () => {
  const { email, accessToken } = await signUp(base)
  const other = (await logIn(email)).access_token
  await known(other)
  await call(`${base}/logout`, { method: 'POST', token: accessToken })
  counter.take()
  expect((await verify(other)).status).toBe(200)
  expect(asked()).toEqual(['live_session'])
  // Heard again from the feed, once; then nothing changes any more.
  await sleep(600)
  await verify(other)
  await known(other)
  expect((await verify(accessToken)).status).toBe(401)
  counter.take()
  expect((await verify(accessToken)).status).toBe(401)
  expect(asked()).toEqual([])
})

test('one of twenty verifies at once with a logout: none is good after the logout was answered', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { accessToken } = await signUp(base)
    const storm = Array.from({ length: 20 }, () => verify(accessToken))
    expect((await call(`${base}/logout`, { method: 'POST', token: accessToken })).status).toBe(200)
    expect((await verify(accessToken)).status).toBe(401)
    for (const { status } of await Promise.all(storm)) expect([200, 401]).toContain(status)
    expect((await verify(accessToken)).status).toBe(401)
  }
})

test('a sign-up, a login, a refresh and the use of a session are noted for nobody', async () => {
  const count = async () => (await admin.query<{ n: number }>('select count(*)::int as n from auth.change where project_id = $1 and end_user_id is not null', [project.uuid])).rows[0]!.n
  const before = await count()
  const { email, accessToken, refreshToken } = await signUp(base)
  await logIn(email)
  await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })
  await verify(accessToken)
  await call(`${base}/user`, { token: accessToken })
  expect(await count()).toBe(before)
  await call(`${base}/logout`, { method: 'POST', token: accessToken })
  expect(await count()).toBe(before + 1)
})

describe('the address', () => {
  test('is the live one at the top and in `user`; `claims` stay what the token says', async () => {
    const { userId, accessToken, email } = await signUp(base)
    const first = (await verify(accessToken)).body
    const unproven = { email, email_verified: false }
    expect(first).toMatchObject({ ...unproven, user: { id: userId, ...unproven }, claims: unproven })
    const moved = `moved.${email}`
    const changed = await control.call('PATCH', `projects/${project.id}/users/${userId}`, { email: moved, email_verified: true })
    expect(changed.status).toBe(200)
    // A new address by an operator ends the sessions; the owner logs in again, and then only the verification changes.
    const again = (await logIn(moved)).access_token
    await control.call('PATCH', `projects/${project.id}/users/${userId}`, { email_verified: false })
    await expect.poll(async () => (await verify(again)).body.email_verified, { timeout: 1_000, interval: 10 }).toBe(false)
    expect((await verify(again)).body).toMatchObject({
      user: { email: moved, email_verified: false },
      claims: { email: moved, email_verified: true },
      user_id: userId,
      valid: true,
      token: again,
    })
    await expect.poll(async () => (await verify(again, `${there.url}/${project.id}`)).body.email_verified, { timeout: 1_000, interval: 10 }).toBe(false)
  })
})

describe('a token that we did not make', () => {
  test('is refused, though the secret of the app signed it and its session lives', async () => {
    const { accessToken } = await signUp(base)
    const [{ kid }, claims] = [part(accessToken, 0), part(accessToken, 1)]
    const signed = (change: Record<string, unknown>) => {
      const payload = Object.fromEntries(Object.entries({ ...claims, ...change }).filter(([, value]) => value !== undefined))
      return jwt.sign(payload, project.secret, { header: { alg: 'HS256', typ: 'JWT', kid: kid as string } })
    }
    expect((await verify(signed({}))).status).toBe(200)
    const changes = [
      { email: 'other@example.com' },
      { email_verified: true },
      { amr: ['pwd', 'mfa'] },
      { acr: 'aal2' },
      { exp: Number(claims['exp']) - 1 },
      { auth_time: 1 }, { jti: 'x'.repeat(43) }, { acr: undefined },
    ]
    for (const change of changes) {
      const token = signed(change)
      expect([change, (await verify(token)).status, (await call(`${base}/user`, { token })).body.error.code]).toEqual([change, 401, 'session_ended'])
    }
  })

  test('or for longer than the project says now, is refused', async () => {
    const own = await makeProject()
    const at = `${here.url}/${own.id}`
    const { accessToken } = await signUp(at)
    expect((await verify(accessToken, at)).status).toBe(200)
    await control.call('PATCH', `projects/${own.id}/auth`, { access_token_ttl_seconds: 600 })
    await expect.poll(async () => (await verify(accessToken, at)).status, { timeout: 1_000, interval: 10 }).toBe(401)
  })
})

describe('lifetimes', () => {
  test('the absolute end of a session caps its tokens', async () => {
    const own = await makeProject({ session_absolute_seconds: 600 })
    const at = `${here.url}/${own.id}`
    const { accessToken, refreshToken, answer } = await signUp(at)
    const lives = (token: string) => Number(part(token, 1)['exp']) - Number(part(token, 1)['iat'])
    expect([answer.body.expires_in, lives(accessToken)]).toEqual([600, 600])
    here.clock.advanceSeconds(400)
    const next = (await call(`${at}/refresh`, { body: { refresh_token: refreshToken } })).body as { access_token: string; expires_in: number }
    expect(next.expires_in).toBeGreaterThan(195)
    expect(next.expires_in).toBeLessThanOrEqual(200)
    here.clock.advanceSeconds(201)
    for (const token of [accessToken, next.access_token]) expect((await verify(token, at)).status).toBe(401)
  })

  test('a session that may be idle is asked for', async () => {
    const own = await makeProject({ session_idle_seconds: 300 })
    const at = `${here.url}/${own.id}`
    const [idle, used] = [await signUp(at), await signUp(at)]
    here.clock.advanceSeconds(200)
    for (const { accessToken } of [idle, used]) await known(accessToken, at)
    await call(`${at}/user`, { token: used.accessToken })
    here.clock.advanceSeconds(101)
    expect([(await verify(idle.accessToken, at)).status, (await verify(used.accessToken, at)).status]).toEqual([401, 200])
  })
})

test('when the feed falls silent every verify asks, and nothing missed is believed afterwards', async () => {
  const { accessToken } = await signUp(base)
  await known(accessToken)
  proxy.set({ kind: 'refuse' })
  proxy.cutAll()
  expect((await call(`${there.url}/${project.id}/logout`, { method: 'POST', token: accessToken })).status).toBe(200)
  await expect.poll(async () => (await verify(accessToken)).status, { timeout: 5_000, interval: 10 }).toBe(503)
  proxy.set({ kind: 'none' })
  await expect.poll(async () => (await verify(accessToken)).status, { timeout: 10_000, interval: 20 }).toBe(401)
})

test('a note that is committed seconds after it was written is heard', async () => {
  const { accessToken, userId } = await signUp(base)
  // The feed may not be heard again yet.
  const outcome = async () => [counter.take(), (await verify(accessToken)).status, asked()].slice(1)
  await expect.poll(outcome, { timeout: 5_000 }).toEqual([200, []])
  await admin.query('begin')
  await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.uuid, userId])
  await admin.query('insert into auth.change (project_id, end_user_id, changed_at) values ($1, $2, now())', [project.uuid, userId])
  await sleep(3_000)
  await admin.query('commit')
  await expect.poll(async () => (await verify(accessToken)).status, { timeout: 1_000, interval: 10 }).toBe(401)
})
