import { PasswordHasher } from '@portico/crypto/password-hasher'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let planes: RunningDataPlane[]
let admin: Client
let project: TestProject

beforeAll(async () => {
  database = await createTestDatabase()
  // On a busy machine twenty hashes are more than a second of work, and refusing some would be right; here it would hide the race.
  const patient = () => new PasswordHasher({ maxWaitMs: 30_000, perProjectShare: 1 })
  planes = [await startDataPlane(database, { hasher: patient() }), await startDataPlane(database, { hasher: patient() })]
  admin = await openAdmin(database)
  project = await createTestProject(database)
})

afterAll(async () => {
  await admin?.end()
  for (const plane of planes ?? []) await plane.close()
  await database?.drop()
})

/** Twenty at once, spread over both instances. */
const twenty = <T,>(work: (base: string, i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, i) => work(planes[i % 2]!.url + project.path, i)))
const rounds = Number(process.env['RACE_ROUNDS'] ?? 30)

test('twenty parallel refreshes of one token give one child, round after round', async () => {
  let { refreshToken } = await signUp(planes[0]!.url + project.path)
  for (let round = 0; round < rounds; round += 1) {
    const answers = await twenty((base) => call(`${base}/refresh`, { body: { refresh_token: refreshToken } }))
    expect([round, [...new Set(answers.map((answer) => answer.status))]]).toEqual([round, [200]])
    const children = new Set(answers.map((answer) => answer.body.refresh_token as string))
    expect([round, children.size]).toEqual([round, 1])
    refreshToken = [...children][0]!
  }
  const { rows } = await admin.query<{ sessions: number; generation: number; reused: number }>(
    `select (select count(*)::int from auth.session where project_id = $1 and ended_at is null) as sessions,
      (select generation from auth.session where project_id = $1) as generation,
      (select count(*)::int from auth.audit_event where project_id = $1 and action = 'session.reuse_detected') as reused`,
    [project.id],
  )
  expect(rows[0]).toEqual({ sessions: 1, generation: rounds, reused: 0 })
}, 20_000 + rounds * 1_000)

test('twenty parallel confirms of one reset token: one wins', async () => {
  const { userId, email } = await signUp(planes[0]!.url + project.path)
  const token = await mintOneTimeToken(admin, project, { userId, purpose: 'password_reset', payload: { email }, now: new Date() })
  const answers = await twenty((base, i) => call(`${base}/password-reset/confirm`, { body: { token, password: `a winning phrase ${i}` } }))
  const won = answers.flatMap((answer, i) => (answer.status === 200 ? [i] : []))
  expect(won).toHaveLength(1)
  expect(answers.filter((answer) => answer.status === 400)).toHaveLength(19)
  expect((await call(`${planes[0]!.url}${project.path}/login`, { body: { email, password: `a winning phrase ${won[0]}` } })).status).toBe(
    200,
  )
})

test('twenty parallel sign-ups of one address: one account', async () => {
  const answers = await twenty((base) => call(`${base}/signup`, { body: { email: 'race@example.com', password: PASSWORD } }))
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
  expect(answers.filter((answer) => answer.body.error?.code === 'email_taken')).toHaveLength(19)
})

test('a login that races a password change never leaves a session under the old password', async () => {
  for (let round = 0; round < 5; round += 1) {
    const base = planes[0]!.url + project.path
    const { email, userId, accessToken } = await signUp(base)
    const [, ...logins] = await Promise.all([
      call(`${base}/password`, { body: { current_password: PASSWORD, password: 'a changed phrase 11' }, token: accessToken }),
      ...Array.from({ length: 6 }, (_, i) => call(`${planes[i % 2]!.url}${project.path}/login`, { body: { email, password: PASSWORD } })),
    ])
    const { rows } = await admin.query<{ id: string }>(
      'select id from auth.session where project_id = $1 and end_user_id = $2 and ended_at is null',
      [project.id, userId],
    )
    expect([round, rows.length, logins.every((login) => [200, 401, 429].includes(login.status))]).toEqual([round, 1, true])
  }
})

test('parallel logins never exceed the session limit', async () => {
  const own = await createTestProject(database, { settings: { max_active_sessions: 3 } })
  const { email, userId } = await signUp(planes[0]!.url + own.path)
  await Promise.all(
    Array.from({ length: 10 }, (_, i) => call(`${planes[i % 2]!.url}${own.path}/login`, { body: { email, password: PASSWORD } })),
  )
  const { rows } = await admin.query(
    'select count(*)::int as n from auth.session where project_id = $1 and end_user_id = $2 and ended_at is null',
    [own.id, userId],
  )
  expect(rows[0]).toEqual({ n: 3 })
})

test('a change of address that two accounts race for goes to one', async () => {
  const base = planes[0]!.url + project.path
  const users = await Promise.all([signUp(base), signUp(base)])
  for (let round = 0; round < 10; round += 1) {
    const tokens: string[] = []
    for (const { userId } of users) {
      const { rows } = await admin.query<{ email: string }>('select email from auth.end_user where project_id = $1 and id = $2', [
        project.id,
        userId,
      ])
      const payload = { email: rows[0]!.email, new_address: `wanted${round}@example.com` }
      tokens.push(await mintOneTimeToken(admin, project, { userId, purpose: 'email_change', payload, now: new Date() }))
    }
    const answers = await Promise.all(
      tokens.map((token, i) => call(`${planes[i]!.url}${project.path}/email/confirm`, { body: { token, password: PASSWORD } })),
    )
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 422])
  }
})
