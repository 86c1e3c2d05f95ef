import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const SECOND_PASSWORD = 'another horse battery 7!'
let fixture: SignInFixture

beforeAll(async () => {
  fixture = await startSignInFixture()
})
afterAll(() => fixture?.close())

const MODES: Record<string, Record<string, unknown>> = {
  private: { signup_mode: 'private' },
  'private with required confirmation': { signup_mode: 'private', require_email_confirmation: true },
  'instant with required confirmation': { signup_mode: 'instant', require_email_confirmation: true },
}

describe.each(Object.entries(MODES))('signing up again, %s', (_mode, settings) => {
  let base: string
  beforeAll(async () => {
    base = (await fixture.project(['email'], settings)).base
  })
  const signUp = (email: string, password: string) => call(`${base}/signup`, { body: { email, password } })
  const logIn = async (email: string, password: string) => (await call(`${base}/login`, { body: { email, password } })).status
  const mailsTo = (email: string) => fixture.resend.mails.filter((mail) => mail.to.includes(email))
  const nthMail = async (email: string, n: number) => {
    await expect.poll(() => mailsTo(email).length).toBe(n)
    return mailsTo(email)[n - 1]!
  }
  const tokenIn = (text: string) => /token=([\w-]{43})/.exec(text)![1]!
  const codeIn = (text: string) => /^ {4}(\d{6})$/m.exec(text)![1]!

  test('before the address is confirmed: the confirmation again; the account is neither changed nor opened', async () => {
    const email = unique('again')
    const first = await signUp(email, PASSWORD)
    expect([first.status, first.body]).toEqual([202, { ok: true, confirmation_required: true }])
    const earlier = await nthMail(email, 1)
    const stored = () =>
      fixture.owner.query('select password_hash, email_verified_at, metadata from auth.end_user where email = $1', [email])
    const before = await stored()
    const second = await signUp(email, SECOND_PASSWORD)
    expect([second.status, second.body]).toEqual([202, { ok: true, confirmation_required: true }])
    const mail = await nthMail(email, 2)
    expect(mail.subject).toMatch(/Confirm/)
    expect(mail.subject).toBe(earlier.subject)
    expect(mail.text).toContain('email_confirm')
    expect(await stored()).toEqual(before)
    for (const password of [PASSWORD, SECOND_PASSWORD]) expect(await logIn(email, password)).toBeGreaterThanOrEqual(400)
    // The newest mail counts, like any confirmation that is asked for again.
    expect((await call(`${base}/email/confirm`, { body: { token: tokenIn(earlier.text), password: PASSWORD } })).status).toBe(400)
    expect((await call(`${base}/email/confirm`, { body: { token: tokenIn(mail.text), password: PASSWORD } })).status).toBe(200)
    expect([await logIn(email, PASSWORD), await logIn(email, SECOND_PASSWORD)]).toEqual([200, 401])
  })

  test('a stranger was there first: the owner of the mailbox is not let in with the password that opens nothing, nor is the stranger’s silently replaced', async () => {
    const email = unique('squatted')
    await signUp(email, PASSWORD)
    await nthMail(email, 1)
    await signUp(email, SECOND_PASSWORD)
    const mail = await nthMail(email, 2)
    expect((await call(`${base}/email/confirm`, { body: { email, code: codeIn(mail.text) } })).status).toBe(200)
    expect(await logIn(email, SECOND_PASSWORD)).toBe(401)
  })

  test('after it is confirmed: a mail that says so, and no confirmation', async () => {
    const email = unique('known')
    await signUp(email, PASSWORD)
    const token = tokenIn((await nthMail(email, 1)).text)
    await call(`${base}/email/confirm`, { body: { token, password: PASSWORD } })
    await signUp(email, SECOND_PASSWORD)
    const mail = await nthMail(email, 2)
    expect(mail.text).toContain('password_reset')
    expect(mail.text).not.toContain('email_confirm')
    expect([await logIn(email, PASSWORD), await logIn(email, SECOND_PASSWORD)]).toEqual([200, 401])
  })
})
