import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const mint = (userId: string, purpose: string, payload: Record<string, unknown>) =>
  mintOneTimeToken(admin, project, { userId, purpose, payload, now: plane.clock.now() })
const mailsTo = async (userId: string) =>
  (
    await admin.query<{ kind: string; payload: Record<string, unknown> }>(
      `select kind, payload from auth.outbox where project_id = $1 and payload->>'end_user_id' = $2 order by created_at, kind`,
      [project.id, userId],
    )
  ).rows

describe('confirming the address', () => {
  test('spends the token once and marks the address verified', async () => {
    const { email, userId, accessToken } = await signUp(base)
    const token = await mint(userId, 'email_confirm', { email })
    const done = await call(`${base}/email/confirm`, { body: { token }, token: accessToken })
    expect(done.status).toBe(200)
    expect(done.body).toMatchObject({ ok: true, user: { id: userId, email_verified: true } })
    expect((await call(`${base}/user`, { token: accessToken })).body.user.email_verified).toBe(true)
    plane.clock.advanceSeconds(121)
    const again = await call(`${base}/email/confirm`, { body: { token } })
    expect([again.status, code(again)]).toEqual([400, 'invalid_or_expired_token'])
  })

  test('opens the login of a project that requires it', async () => {
    const own = await createTestProject(database, { settings: { require_email_confirmation: true } })
    const at = plane.url + own.path
    await call(`${at}/signup`, { body: { email: 'c@example.com', password: PASSWORD } })
    const { rows } = await admin.query<{ id: string }>('select id from auth.end_user where project_id = $1', [own.id])
    const token = await mintOneTimeToken(admin, own, {
      userId: rows[0]!.id,
      purpose: 'email_confirm',
      payload: { email: 'c@example.com' },
      now: plane.clock.now(),
    })
    expect((await call(`${at}/login`, { body: { email: 'c@example.com', password: PASSWORD } })).status).toBe(403)
    expect(code(await call(`${at}/email/confirm`, { body: { token, password: 'somebody else 1' } }))).toBe('invalid_credentials')
    expect((await call(`${at}/email/confirm`, { body: { token, password: PASSWORD } })).status).toBe(200)
    expect((await call(`${at}/login`, { body: { email: 'c@example.com', password: PASSWORD } })).status).toBe(200)
  })

  test('a token of another purpose, or for an address that was left, confirms nothing', async () => {
    const { email, userId } = await signUp(base)
    const reset = await mint(userId, 'password_reset', { email })
    const left = await mint(userId, 'email_confirm', { email: 'former@example.com' })
    for (const token of [reset, left])
      expect(code(await call(`${base}/email/confirm`, { body: { token } }))).toBe('invalid_or_expired_token')
    expect((await call(`${base}/password-reset/confirm`, { body: { token: reset, password: 'fine new phrase 1' } })).status).toBe(200)
  })

  test('asking for the mail again answers the same for every address and mails once a minute', async () => {
    const own = await createTestProject(database)
    const at = plane.url + own.path
    const { email } = await signUp(at)
    const answers = []
    for (const address of [email, email, 'nobody@example.com']) answers.push(await call(`${at}/email/resend`, { body: { email: address } }))
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([200, { ok: true, delivery: 'not_configured' }])
    const { rows } = await admin.query(
      `select payload from auth.outbox where project_id = $1 and kind = 'email_confirm_resend' order by created_at`,
      [own.id],
    )
    expect(rows.map((row) => row.payload)).toEqual([{ address: email }, { address: 'nobody@example.com' }])
  })
})

describe('changing the address', () => {
  test('tells both addresses, moves on confirmation, and the old one can take it back', async () => {
    const { email, userId, accessToken } = await signUp(base)
    await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [userId])
    const asked = await call(`${base}/email/change`, { body: { email: `New.${email}`, password: PASSWORD }, token: accessToken })
    expect([asked.status, asked.body]).toEqual([200, { ok: true, delivery: 'not_configured', confirmation_required: true }])
    const mails = await mailsTo(userId)
    expect(mails.slice(1)).toEqual([
      { kind: 'email_change_confirm', payload: { end_user_id: userId, new_address: `New.${email}` } },
      { kind: 'email_change_notice', payload: { end_user_id: userId, old_address: email, new_address: `New.${email}` } },
    ])
    expect((await call(`${base}/user`, { token: accessToken })).body.user.email).toBe(email)

    const reset = await mint(userId, 'password_reset', { email })
    const change = await mint(userId, 'email_change', { email, new_address: `New.${email}` })
    const undo = await mint(userId, 'email_change_undo', { old_address: email, new_address: `New.${email}` })
    // The token alone moves nothing: a reader of the new mailbox need not be the account's owner.
    expect(code(await call(`${base}/email/confirm`, { body: { token: change } }))).toBe('reauthentication_required')
    const moved = await call(`${base}/email/confirm`, { body: { token: change, password: PASSWORD } })
    expect(moved.body.user).toMatchObject({ email: `new.${email}`, email_verified: true })
    expect((await call(`${base}/login`, { body: { email: `new.${email}`, password: PASSWORD } })).status).toBe(200)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    // What waits in the old mailbox opens nothing any more, but the way back.
    expect(code(await call(`${base}/password-reset/confirm`, { body: { token: reset, password: 'fine new phrase 1' } }))).toBe(
      'invalid_or_expired_token',
    )
    expect((await mailsTo(userId)).at(-1)).toEqual({
      kind: 'security_notice',
      payload: { end_user_id: userId, event: 'email_changed', address: email },
    })

    const back = await call(`${base}/email/change/undo`, { body: { token: undo } })
    expect(back.body.user).toMatchObject({ id: userId, email })
    expect(code(await call(`${base}/user`, { token: accessToken }))).toBe('session_ended')
    // The person who asked for the change may know the password: it is off, and the owner is mailed a way to set another.
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await mailsTo(userId)).map((mail) => mail.kind)).toContain('account_recovery')
    expect(code(await call(`${base}/email/change/undo`, { body: { token: undo } }))).toBe('invalid_or_expired_token')
  })

  test('the undo link also stops a change that still waits', async () => {
    const { email, userId } = await signUp(base)
    const change = await mint(userId, 'email_change', { email, new_address: `x.${email}` })
    const undo = await mint(userId, 'email_change_undo', { old_address: email, new_address: `x.${email}` })
    expect((await call(`${base}/email/change/undo`, { body: { token: undo } })).status).toBe(200)
    expect(code(await call(`${base}/email/confirm`, { body: { token: change } }))).toBe('invalid_or_expired_token')
  })

  test('does not say whether the new address is taken until its owner confirms', async () => {
    const { email, userId, accessToken } = await signUp(base)
    const other = await signUp(base)
    expect((await call(`${base}/email/change`, { body: { email: other.email, password: PASSWORD }, token: accessToken })).status).toBe(200)
    const change = await mint(userId, 'email_change', { email, new_address: other.email })
    const refused = await call(`${base}/email/confirm`, { body: { token: change }, token: accessToken })
    expect([refused.status, code(refused)]).toEqual([422, 'email_taken'])
  })

  test('a change that waits is seen, and can be cancelled', async () => {
    const { email, userId, accessToken } = await signUp(base)
    const account = async () => (await call(`${base}/user`, { token: accessToken })).body.user
    expect(await account()).not.toHaveProperty('pending_email')
    await call(`${base}/email/change`, { body: { email: `W.${email}`, password: PASSWORD }, token: accessToken })
    expect((await account()).pending_email).toEqual({
      email: `W.${email}`,
      requested_at: expect.any(String),
      expires_at: expect.any(String),
    })
    // The old address is unproven: it is told, and gets no way back.
    expect((await mailsTo(userId)).slice(-1)).toEqual([
      { kind: 'security_notice', payload: { end_user_id: userId, event: 'email_change_requested', address: email } },
    ])
    const change = await mint(userId, 'email_change', { email, new_address: `w.${email}` })
    expect((await call(`${base}/email/change`, { method: 'DELETE', token: accessToken })).body).toEqual({ ok: true })
    expect(await account()).not.toHaveProperty('pending_email')
    expect(code(await call(`${base}/email/confirm`, { body: { token: change }, token: accessToken }))).toBe('invalid_or_expired_token')
    expect((await call(`${base}/email/change`, { method: 'DELETE', token: accessToken })).status).toBe(200)
  })

  test('needs the password, or a login of the last ten minutes', async () => {
    const { email, accessToken } = await signUp(base)
    const ask = (body: object) => call(`${base}/email/change`, { body, token: accessToken })
    expect(code(await ask({ email: `a.${email}`, password: 'wrong wrong' }))).toBe('invalid_credentials')
    expect(code(await ask({ email, password: PASSWORD }))).toBe('validation_error')
    expect((await ask({ email: `b.${email}` })).status).toBe(200)
    expect(code(await ask({ email: `b.${email}` }))).toBe('rate_limited')
    plane.clock.advanceSeconds(601)
    const stale = await ask({ email: `c.${email}` })
    expect([stale.status, code(stale)]).toEqual([403, 'reauthentication_required'])
    expect((await ask({ email: `c.${email}`, password: PASSWORD })).status).toBe(200)
  })
})
