import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomUUID } from 'node:crypto'
import { codeAt } from '../../support/authenticator-app.js'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type Answer,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client

// Wide enough that no limit ends a flood before its rows are counted.
const WIDE = { points: 100_000, window_seconds: 900 }
const settings = {
  providers: ['email', 'magic_link', 'email_otp'],
  mfa: 'optional',
  site_url: 'https://app.example',
  limits: { login_account: WIDE, login_client: WIDE, code_account: WIDE, factor_account: WIDE, factor_client: WIDE, token_client: WIDE },
}

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const open = async (more: Record<string, unknown> = {}) => {
  const project = await createTestProject(database, { settings: { ...settings, ...more } })
  return { project, base: plane.url + project.path }
}
interface Row {
  action: string
  actor_type: string
  resource_id: string | null
  metadata: Record<string, unknown>
}
const auditOf = async (project: TestProject, actions: readonly string[]) =>
  (await admin.query<Row>('select action, actor_type, resource_id, metadata from auth.audit_event where project_id = $1 and action = any ($2) order by created_at, metadata->>$3', [project.id, actions, 'attempts'])).rows

const REFUSALS = ['sign_in.refused', 'factor.code_refused']

interface Way {
  method: string
  reason: string
  known: boolean
  attempt: (base: string, user: { email: string; userId: string; mfaToken: string }) => Promise<Answer>
}
const post = (path: string, body: object) => call(path, { body })
const NO_TOKEN = 'A'.repeat(43)
const WAYS: Record<string, Way> = {
  'a wrong password': { method: 'password', reason: 'wrong_password', known: true, attempt: (base, { email }) => post(`${base}/login`, { email, password: 'not the password 1' }) },
  'a password for an unknown address': { method: 'password', reason: 'unknown_address', known: false, attempt: (base) => post(`${base}/login`, { email: 'nobody@example.com', password: PASSWORD }) },
  'a wrong mailed code': { method: 'email_otp', reason: 'wrong_code', known: true, attempt: (base, { email }) => post(`${base}/email/verify`, { email, code: '000000' }) },
  'a mailed code for an unknown address': { method: 'email_otp', reason: 'wrong_code', known: false, attempt: (base) => post(`${base}/email/verify`, { email: 'nobody@example.com', code: '000000' }) },
  'a made-up magic link': { method: 'magic_link', reason: 'invalid_or_expired_token', known: false, attempt: (base) => post(`${base}/magic-link/confirm`, { token: NO_TOKEN }) },
  'a made-up magic link on our page': {
    method: 'magic_link',
    reason: 'invalid_or_expired_token',
    known: false,
    attempt: (base) => call(`${base}/mail/magic_link`, { method: 'POST', body: `token=${NO_TOKEN}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  },
  'a made-up code of a redirect': { method: 'exchange_code', reason: 'invalid_or_expired_token', known: false, attempt: (base) => post(`${base}/token/exchange`, { code: NO_TOKEN, code_verifier: NO_TOKEN }) },
  'a made-up recovery link': { method: 'recovery_link', reason: 'invalid_or_expired_token', known: false, attempt: (base) => post(`${base}/recovery/confirm`, { token: NO_TOKEN }) },
  'an unknown passkey': {
    method: 'passkey',
    reason: 'passkey_refused',
    known: false,
    attempt: (base) => post(`${base}/webauthn/authenticate/verify`, { credential: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} } }),
  },
  'a wrong second factor': { method: 'second_factor', reason: 'invalid_code', known: true, attempt: (base, { mfaToken }) => post(`${base}/mfa/verify`, { mfa_token: mfaToken, code: '000000' }) },
  'a second factor without a first': { method: 'second_factor', reason: 'invalid_or_expired_token', known: false, attempt: (base) => post(`${base}/mfa/verify`, { mfa_token: NO_TOKEN, code: '000000' }) },
}

async function userWithFactor(base: string) {
  const user = await signUp(base)
  const started = await call(`${base}/factors`, { token: user.accessToken, body: { type: 'totp' } })
  await call(`${base}/factors/${started.body.factor_id}/verify`, {
    token: user.accessToken,
    body: { code: codeAt(started.body.otpauth_uri, plane.clock.now()) },
  })
  plane.clock.advanceSeconds(90)
  const { body } = await call(`${base}/login`, { body: { email: user.email, password: user.password } })
  return { ...user, mfaToken: body.mfa_token as string }
}

describe.each(Object.entries(WAYS))('%s', (_name, way) => {
  test('leaves one row that says how and why, and no address of somebody who has no account', async () => {
    const { project, base } = await open()
    const user = await userWithFactor(base)
    const answer = await way.attempt(base, user)
    expect([400, 401]).toContain(answer.status)
    const rows = await auditOf(project, REFUSALS)
    expect(rows.map(({ metadata }) => [metadata['method'], metadata['reason']])).toEqual([[way.method, way.reason]])
    expect(rows[0]!.resource_id).toBe(way.known ? user.userId : null)
    expect(JSON.stringify(rows)).not.toContain('@')
  })

  test('a flood leaves few', async () => {
    const { project, base } = await open()
    const user = await userWithFactor(base)
    for (let round = 0; round < 6; round += 1) await Promise.all(Array.from({ length: 10 }, () => way.attempt(base, user)))
    const rows = await auditOf(project, REFUSALS)
    // Guesses at a second factor are few by themselves: a hundred a day. Clients that come from elsewhere each time are others.
    if (
      way.reason === 'invalid_code' ||
      ['magic_link', 'exchange_code', 'recovery_link', 'passkey'].includes(way.method) ||
      way.reason === 'invalid_or_expired_token'
    )
      expect(rows.length).toBeLessThanOrEqual(60)
    else expect(rows.map(({ metadata }) => metadata['attempts']).toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 10])
  })
})

test('the first refusals of another account are seen through a flood', async () => {
  const { project, base } = await open()
  const [loud, quiet] = [await signUp(base), await signUp(base)]
  for (let round = 0; round < 5; round += 1)
    await Promise.all(Array.from({ length: 6 }, () => post(`${base}/login`, { email: loud.email, password: 'wrong password 1' })))
  await post(`${base}/login`, { email: quiet.email, password: 'wrong password 1' })
  const rows = await auditOf(project, REFUSALS)
  expect(rows.filter(({ resource_id: id }) => id === quiet.userId)).toHaveLength(1)
  expect(rows.length).toBe(7)
})

test('a mailed link that is asked for a thousand times leaves few rows', async () => {
  const { project, base } = await open()
  const { userId, email } = await signUp(base)
  const token = await mintOneTimeToken(admin, project, { userId, purpose: 'password_reset', payload: { email }, now: plane.clock.now() })
  for (let round = 0; round < 10; round += 1)
    await Promise.all(Array.from({ length: 12 }, () => call(`${base}/mail/password_reset?token=${token}`, { method: 'HEAD' })))
  const rows = await auditOf(project, ['link.opened_by_scanner'])
  expect(rows.map(({ metadata }) => metadata['times']).toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 10, 100])
})

describe('who is signed in changes things at the pace of a person', () => {
  /** Every route that changes something for a session, from the route table, asked with whatever body. */
  const changing = () =>
    plane.routes.filter(
      ({ method, access }) => (access === 'session' || access === 'enrolment') && !['GET', 'HEAD', 'OPTIONS'].includes(method),
    )

  test('the route table has them', () => {
    expect(changing().length).toBeGreaterThan(15)
  })

  test('each of them counts, and the limit ends them all', async () => {
    for (const { method, path: url } of changing()) {
      const { base } = await open({ limits: { ...settings.limits, change_account: { points: 2, window_seconds: 900 } } })
      const { email, password } = await signUp(base)
      // Some of these end the session they were asked with; the count is the user's.
      const freshToken = async () => (await call(`${base}/login`, { body: { email, password } })).body.access_token as string
      const path = url.replace(/^.*?\/auth\//, '/').replaceAll(/:(\w+)/g, () => randomUUID())
      // A body that is refused changes nothing, and counts all the same.
      const attempts = []
      for (let index = 0; index < 3; index += 1)
        attempts.push((await call(`${base}${path}`, { method, token: await freshToken(), body: { unknown_field: 1 } })).status)
      expect([method, url, attempts.at(-1), attempts.slice(0, 2).includes(429)]).toEqual([method, url, 429, false])
      expect((await call(`${base}/user`, { token: await freshToken() })).status).toBe(200)
    }
  })

  test('metadata: a flood leaves as many rows as the limit has points', async () => {
    const { project, base } = await open({ limits: { change_account: { points: 7, window_seconds: 900 } } })
    const { accessToken: token } = await signUp(base)
    const statuses = (
      await Promise.all(Array.from({ length: 30 }, (_, n) => call(`${base}/user`, { method: 'PATCH', token, body: { metadata: { n } } })))
    ).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(7)
    expect(await auditOf(project, ['user.updated'])).toHaveLength(7)
  })

  test('changes of address: of two hundred at once, five are mailed', async () => {
    const { project, base } = await open({ limits: { ...settings.limits, change_account: WIDE } })
    const { accessToken: token, password } = await signUp(base)
    const ask = (n: number) => call(`${base}/email/change`, { token, body: { email: `stranger${n}@example.com`, password } })
    const statuses: number[] = []
    for (let round = 0; round < 10; round += 1)
      statuses.push(...(await Promise.all(Array.from({ length: 20 }, (_, n) => ask(round * 20 + n)))).map(({ status }) => status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
    expect(new Set(statuses.filter((status) => status !== 200))).toEqual(new Set([429]))
    const { rows } = await admin.query(`select 1 from auth.outbox where project_id = $1 and kind = 'email_change_confirm'`, [project.id])
    expect(rows).toHaveLength(5)
    expect(await auditOf(project, ['user.email_change_requested'])).toHaveLength(5)
  })
})
