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
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { name: 'Shop <b>& Co' })
  base = plane.url + project.path
})

afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const mint = (userId: string, purpose: string, payload: Record<string, unknown>) =>
  mintOneTimeToken(admin, project, { userId, purpose, payload, now: plane.clock.now() })
/** What a browser sends when the button is pressed: a form, and `Origin: null` because the page sends no referrer. */
const press = (purpose: string, fields: Record<string, string>) =>
  call(`${base}/mail/${purpose}`, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' },
  })

test('opening a mailed link spends nothing, however often and by which method', async () => {
  const { email, userId } = await signUp(base)
  const token = await mint(userId, 'email_confirm', { email })
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await call(`${base}/mail/email_confirm?token=${token}&utm_source=x`, { method })).status).toBe(200)
  const page = await call(`${base}/mail/email_confirm?token=${token}`)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.text).toContain('method="post" action="email_confirm"')
  expect(page.text).toContain(`value="${token}"`)
  expect(page.text).toContain('Shop &lt;b&gt;&amp; Co')
  expect(page.text.match(/<script/g)).toHaveLength(1)
  expect((await call(`${base}/email/confirm`, { body: { token } })).status).toBe(200)
})

test('the button confirms a new password account together with its password; pressing twice says the same, and later why it did not work', async () => {
  const { email, userId, accessToken } = await signUp(base)
  const token = await mint(userId, 'email_confirm', { email })
  expect((await press('email_confirm', { token })).text).toContain('Type the password you chose')
  expect((await press('email_confirm', { token, password: 'not the password' })).status).toBe(401)
  const done = await press('email_confirm', { token, password: PASSWORD })
  expect([done.status, done.text.includes('is confirmed')]).toEqual([200, true])
  expect((await call(`${base}/user`, { token: accessToken })).body.user.email_verified).toBe(true)
  expect((await press('email_confirm', { token, password: PASSWORD })).text).toContain('is confirmed')
  plane.clock.advanceSeconds(121)
  const again = await press('email_confirm', { token })
  expect([again.status, again.text.includes('used already')]).toEqual([400, true])
  expect(again.text).not.toContain(token)
})

test('the reset page asks for the password, explains a refusal and keeps the link usable', async () => {
  const { email, userId } = await signUp(base)
  const token = await mint(userId, 'password_reset', { email })
  expect((await call(`${base}/mail/password_reset?token=${token}`)).text).toContain('autocomplete="new-password"')
  const weak = await press('password_reset', { token, password: 'short' })
  expect([weak.status, weak.text.includes('too short'), weak.text.includes(`value="${token}"`)]).toEqual([422, true, true])
  expect((await press('password_reset', { token, password: 'a page-made phrase 3' })).status).toBe(200)
  expect((await call(`${base}/login`, { body: { email, password: 'a page-made phrase 3' } })).status).toBe(200)
})

test('change and undo have their pages', async () => {
  const { email, userId, accessToken } = await signUp(base)
  await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [userId])
  const change = await mint(userId, 'email_change', { email, new_address: `n.${email}` })
  const undo = await mint(userId, 'email_change_undo', { old_address: email, new_address: `n.${email}` })
  expect((await call(`${base}/mail/email_change?token=${change}`)).text).toContain('autocomplete="current-password"')
  expect((await press('email_change', { token: change })).text).toContain('Type the password of your account')
  expect((await press('email_change', { token: change, password: 'not the password' })).status).toBe(401)
  expect((await press('email_change', { token: change, password: PASSWORD })).status).toBe(200)
  expect((await call(`${base}/user`, { token: accessToken })).body.user.email).toBe(`n.${email}`)
  expect((await press('email_change_undo', { token: undo })).status).toBe(200)
  expect((await call(`${base}/user`, { token: accessToken })).status).toBe(401)
  expect((await admin.query('select email from auth.end_user where project_id = $1 and id = $2', [project.id, userId])).rows).toEqual([
    { email },
  ])
})

test('an unknown purpose, a form elsewhere and markup in the token do nothing', async () => {
  expect((await call(`${base}/mail/anything?token=x`)).status).toBe(404)
  expect((await call(`${base}/mail/constructor?token=x`)).status).toBe(404)
  const form = await call(`${base}/login`, {
    body: 'email=a@example.com&password=x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect([form.status, form.body.error.code]).toEqual([415, 'unsupported_media_type'])
  const page = await call(`${base}/mail/email_confirm?token=${encodeURIComponent('"><script>alert(1)</script>')}`)
  expect(page.text).not.toContain('<script>alert')
})
