import { ResealProject } from '@portico/platform/master-key/reseal-project'
import { tokenKeyContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import { Database } from '@portico/database/database'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  openAdmin,
  signUp,
  startDataPlane,
  type Answer,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, testMasterKey, type TestDatabase } from '../../support/postgres.js'

const DAY = 86_400
const PHONE = 'Phone/1.0'
const LAPTOP = 'Laptop/1.0'

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database)
  base = plane.url + project.path
})

afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const code = (answer: Answer) => answer.body?.error?.code as string | undefined
const refresh = (token: string, { at = base, agent = PHONE }: { at?: string; agent?: string | null } = {}) =>
  call(`${at}/refresh`, { body: { refresh_token: token }, headers: agent === null ? {} : { 'user-agent': agent } })
const withSettings = async (settings: Record<string, unknown>) => plane.url + (await createTestProject(database, { settings })).path
const audited = async (userId: string) =>
  (
    await admin.query<{ action: string }>(
      `select action from auth.audit_event where project_id = $1 and actor_id = $2 and action like 'session.re%' order by created_at`,
      [project.id, userId],
    )
  ).rows.map(({ action }) => action)

const noticesTo = async (userId: string) => {
  const { rows } = await admin.query<{ event: string }>(
    `select payload->>'event' as event from auth.outbox where project_id = $1 and kind = 'security_notice' and payload->>'end_user_id' = $2`,
    [project.id, userId],
  )
  return rows.map(({ event }) => event)
}

describe('the parent comes again', () => {
  interface Case {
    name: string
    wait: number
    agent?: string
    childUsed?: boolean
    /** 2: the parent of the parent. */
    back?: number
    gives: 'child' | 'end'
    audit: string[]
  }
  const cases: Case[] = [
    { name: 'at once', wait: 0, gives: 'child', audit: [] },
    { name: 'at once, from another client', wait: 0, agent: LAPTOP, gives: 'child', audit: [] },
    { name: 'at 29 s, from another client', wait: 29, agent: LAPTOP, gives: 'child', audit: [] },
    { name: 'at 31 s', wait: 31, gives: 'child', audit: ['session.refreshed_late'] },
    { name: 'at 31 s, from another client', wait: 31, agent: LAPTOP, gives: 'end', audit: ['session.reuse_detected'] },
    { name: 'at 29 days', wait: 29 * DAY, gives: 'child', audit: ['session.refreshed_late'] },
    { name: 'at 29 days, from another client', wait: 29 * DAY, agent: LAPTOP, gives: 'end', audit: ['session.reuse_detected'] },
    { name: 'after more than the idle time', wait: 30 * DAY + 1, gives: 'end', audit: [] },
    { name: 'after its child was used', wait: 0, childUsed: true, gives: 'end', audit: ['session.reuse_detected'] },
    { name: 'after its child was used, at 31 s', wait: 31, childUsed: true, gives: 'end', audit: ['session.reuse_detected'] },
    { name: 'as the parent of the parent', wait: 0, back: 2, gives: 'end', audit: ['session.reuse_detected'] },
    {
      name: 'as the parent of the parent, from another client',
      wait: 0,
      back: 2,
      agent: LAPTOP,
      gives: 'end',
      audit: ['session.reuse_detected'],
    },
  ]
  test.each(cases)('$name: $gives', async ({ wait, agent = PHONE, childUsed = false, back = 1, gives, audit }) => {
    const { refreshToken, userId } = await signUp(base)
    let parent = refreshToken
    let child = (await refresh(parent)).body.refresh_token as string
    if (back === 2) child = (await refresh(child)).body.refresh_token as string
    if (childUsed) expect((await refresh(child)).status).toBe(200)
    plane.clock.advanceSeconds(wait)
    const again = await refresh(parent, { agent })
    parent = child
    expect(await audited(userId)).toEqual(audit)
    const { rows } = await admin.query<{ end_reason: string | null }>(
      'select end_reason from auth.session where project_id = $1 and end_user_id = $2',
      [project.id, userId],
    )
    if (gives === 'child') {
      expect(again.status).toBe(200)
      expect(again.body).toMatchObject({ refresh_token: child, user_id: userId })
      expect(rows).toEqual([{ end_reason: null }])
      expect((await call(`${base}/user`, { token: again.body.access_token })).status).toBe(200)
      expect((await refresh(child, { agent })).status).toBe(200)
      return
    }
    expect([again.status, code(again)]).toEqual([401, 'session_ended'])
    if (audit.length > 0) expect(rows).toEqual([{ end_reason: 'refresh_token_reused' }])
    expect(code(await refresh(child))).toBe('session_ended')
    // Presented again, the dead session mails nothing more.
    expect(await noticesTo(userId)).toEqual(audit.includes('session.reuse_detected') ? ['session_reuse_detected'] : [])
  })

  test('late and over and over: the same child, audited once a minute at the most', async () => {
    const { refreshToken, userId } = await signUp(base)
    const child = await refresh(refreshToken)
    plane.clock.advanceSeconds(DAY)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)))
    expect(new Set(answers.map((answer) => answer.body.refresh_token))).toEqual(new Set([child.body.refresh_token]))
    expect(await audited(userId)).toEqual(['session.refreshed_late'])
    plane.clock.advanceSeconds(61)
    await refresh(refreshToken)
    expect(await audited(userId)).toEqual(['session.refreshed_late', 'session.refreshed_late'])
  })

  test('late counts as use: the session does not go idle under a client that lost an answer', async () => {
    const at = await withSettings({ session_idle_seconds: 600 })
    const { refreshToken } = await signUp(at)
    const child = await refresh(refreshToken, { at })
    for (let turn = 0; turn < 3; turn += 1) {
      plane.clock.advanceSeconds(400)
      expect((await refresh(refreshToken, { at })).body.refresh_token).toBe(child.body.refresh_token)
    }
    expect((await refresh(child.body.refresh_token as string, { at })).status).toBe(200)
  })

  test('with no grace time another client is refused at once, the same one is not', async () => {
    const at = await withSettings({ refresh_grace_seconds: 0 })
    const { refreshToken } = await signUp(at)
    const child = await refresh(refreshToken, { at })
    expect((await refresh(refreshToken, { at })).body.refresh_token).toBe(child.body.refresh_token)
    expect(code(await refresh(refreshToken, { at, agent: LAPTOP }))).toBe('session_ended')
    expect(code(await refresh(child.body.refresh_token as string, { at }))).toBe('session_ended')
  })

  test('a user agent is compared as it is stored, however long it is', async () => {
    const { refreshToken } = await signUp(base)
    const agent = `Long/${'1'.repeat(2_000)}`
    const child = await refresh(refreshToken, { agent })
    plane.clock.advanceSeconds(60)
    expect((await refresh(refreshToken, { agent })).body.refresh_token).toBe(child.body.refresh_token)
  })
})

test('a token from before a restore of the database goes on', async () => {
  const { refreshToken, userId } = await signUp(base)
  const newest = (await refresh((await refresh(refreshToken)).body.refresh_token as string)).body.refresh_token as string
  await admin.query('update auth.session set generation = 0, rotated_at = null where project_id = $1 and end_user_id = $2', [
    project.id,
    userId,
  ])
  const next = await refresh(newest)
  expect(next.status).toBe(200)
  expect((await refresh(next.body.refresh_token as string)).status).toBe(200)
  expect(code(await refresh(refreshToken))).toBe('session_ended')
})

test('keeps the login time and tells unknown tokens from ended sessions', async () => {
  const { refreshToken, accessToken, userId } = await signUp(base)
  const authTime = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { auth_time: number }).auth_time
  plane.clock.advanceSeconds(120)
  const next = await refresh(refreshToken)
  expect(authTime(next.body.access_token as string)).toBe(authTime(accessToken))
  for (const bad of ['x', 'x'.repeat(43), 'x'.repeat(70), accessToken.slice(0, 70), `${refreshToken}x`, refreshToken.slice(1)])
    expect(code(await refresh(bad))).toBe('invalid_token')
  expect(code(await call(`${base}/refresh`, { method: 'POST' }))).toBe('invalid_token')
  await admin.query('delete from auth.session where project_id = $1 and end_user_id = $2', [project.id, userId])
  expect(code(await refresh(next.body.refresh_token as string))).toBe('session_ended')
})

test('an edited bit, or another project, is an unknown token and changes nothing', async () => {
  const { refreshToken } = await signUp(base)
  const bytes = Buffer.from(refreshToken, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    const edited = Buffer.from(bytes)
    edited[bit >> 3]! ^= 1 << (bit & 7)
    expect(code(await refresh(edited.toString('base64url')))).toBe('invalid_token')
  }
  const other = await withSettings({})
  await signUp(other)
  expect(code(await refresh(refreshToken, { at: other }))).toBe('invalid_token')
  expect((await refresh(refreshToken)).status).toBe(200)
})

test('a disabled user is refused, and goes on once enabled', async () => {
  const { refreshToken, userId } = await signUp(base)
  await admin.query('update auth.end_user set disabled_at = now() where project_id = $1 and id = $2', [project.id, userId])
  expect(code(await refresh(refreshToken))).toBe('session_ended')
  await admin.query('update auth.end_user set disabled_at = null where project_id = $1 and id = $2', [project.id, userId])
  expect((await refresh(refreshToken)).status).toBe(200)
})

test('sessions end when idle too long and at their absolute end', async () => {
  const at = await withSettings({ session_idle_seconds: 600, session_absolute_seconds: 1_000 })
  const idle = await signUp(at)
  plane.clock.advanceSeconds(601)
  expect(code(await refresh(idle.refreshToken, { at }))).toBe('session_ended')
  let { refreshToken } = await signUp(at)
  for (let i = 0; i < 2; i += 1) {
    plane.clock.advanceSeconds(400)
    const next = await refresh(refreshToken, { at })
    expect(next.status).toBe(200)
    refreshToken = next.body.refresh_token as string
  }
  plane.clock.advanceSeconds(201)
  expect(code(await refresh(refreshToken, { at }))).toBe('session_ended')
})

test('a new master key ends no session: with the previous one beside it, and after sealing again without it', async () => {
  const own = await createTestProject(database)
  const { refreshToken } = await signUp(plane.url + own.path)
  // As if the other planes of this test had been given a new master key: what this project has is sealed under the one before.
  const previousMasterKey = randomBytes(32)
  const context = tokenKeyContext(own.id)
  const { rows } = await admin.query<{ sealed: Buffer }>('select token_key_sealed as sealed from auth.service where project_id = $1', [
    own.id,
  ])
  const opened = new SealedBox({ current: testMasterKey() }).open(rows[0]!.sealed, context)
  await admin.query('update auth.service set token_key_sealed = $2 where project_id = $1', [
    own.id,
    new SealedBox({ current: previousMasterKey }).seal(opened, context),
  ])
  const rotated = await startDataPlane(database, { clock: plane.clock, previousMasterKey })
  const next = await refresh(refreshToken, { at: rotated.url + own.path })
  expect(next.status).toBe(200)

  const control = new Database({ connectionString: database.roleUrl('portico_control'), poolSize: 1, applicationName: 'test' })
  const { scope } = (await new ProjectDirectory(control).resolve(own.id))!
  await new ResealProject(new ProjectDb(control), new SealedBox({ current: testMasterKey(), previous: previousMasterKey })).execute(scope)
  const after = await startDataPlane(database, { clock: plane.clock })
  expect((await refresh(next.body.refresh_token as string, { at: after.url + own.path })).status).toBe(200)
  await Promise.all([control.close(), rotated.close(), after.close()])
})

test('planes that meet a project for the first time at once agree on its key', async () => {
  const fresh = await createTestProject(database)
  await admin.query('update auth.service set token_key_sealed = null where project_id = $1', [fresh.id])
  const planes = await Promise.all(Array.from({ length: 3 }, () => startDataPlane(database, { clock: plane.clock })))
  const people = await Promise.all(planes.map(({ url }) => signUp(url + fresh.path)))
  for (const { refreshToken } of people) {
    const answers = await Promise.all(planes.map(({ url }) => refresh(refreshToken, { at: url + fresh.path })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
  }
  await Promise.all(planes.map((one) => one.close()))
})
