import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeAt } from '../../support/authenticator-app.js'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import type { FakeMail } from '../../support/fake-resend.js'
import { formOf, submit } from '../../support/page-forms.js'
import { APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const clock = new MovableClock()
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
})
afterAll(() => fixture?.close())

const NEW_PASSWORD = 'a new and long enough pass 7'
const read = new WeakSet<FakeMail>()
async function newMail(email: string, subject = /./): Promise<FakeMail> {
  const isNew = (mail: FakeMail) => mail.to.includes(email) && subject.test(mail.subject) && !read.has(mail)
  await fixture.resend.waitForMail(isNew)
  const mail = fixture.resend.mails.find(isNew)!
  read.add(mail)
  return mail
}
const codeIn = ({ text }: FakeMail) => /^ {4}(\d{6})$/m.exec(text)![1]!
const query = (challenge: string) => new URLSearchParams({ redirect_to: APP_CALLBACK, code_challenge: challenge, state: 's' })

async function signIn(base: string, email: string, password = PASSWORD): Promise<BrowserClient> {
  const browser = new BrowserClient()
  const page = await browser.open(`${base}/sign-in`)
  const done = await submit(browser, page, /sign-in/, { email, password })
  expect(done.location?.pathname).toMatch(/\/account$/)
  return browser
}

/** The page of the account, and one of its buttons. */
async function press(browser: BrowserClient, base: string, intent: string, typed: Record<string, string> = {}) {
  const page = await browser.open(`${base}/account`)
  const fields = formOf(page.text, /account/).fields
  return browser.open(`${base}/account`, { form: { form_token: fields['form_token']!, intent, ...typed } })
}

describe('sign-up on our own page', () => {
  test('an account, and back at the app', async () => {
    const { base } = await fixture.project(['email'])
    const [key, browser, email] = [proofKey(), new BrowserClient(), unique()]
    const page = await browser.open(`${base}/sign-up?${query(key.challenge)}`)
    const weak = await submit(browser, page, /sign-up/, { email, password: 'short' })
    expect(weak.status).toBe(422)
    expect(weak.text).toContain('This password is too short.')
    expect(weak.text).toContain(`value="${email}"`)
    const done = await submit(browser, weak, /sign-up/, { email, password: PASSWORD })
    const session = await call(`${base}/token/exchange`, { body: { code: done.location!.searchParams.get('code'), code_verifier: key.verifier } })
    expect(session.body.user.email).toBe(email)
    const again = await submit(browser, page, /sign-up/, { email, password: NEW_PASSWORD })
    expect([again.status, again.text.includes('already')]).toEqual([422, true])
  })

  test('where addresses are confirmed: the mailed code, typed where the sign-up was, signs in and keeps the password', async () => {
    const { base } = await fixture.project(['email'], { require_email_confirmation: true })
    const [key, browser, email] = [proofKey(), new BrowserClient(), unique()]
    const page = await browser.open(`${base}/sign-up?${query(key.challenge)}`)
    const inbox = await submit(browser, page, /sign-up/, { email, password: PASSWORD })
    expect(inbox.text).toContain('Confirm your email address')
    const wrong = await submit(browser, inbox, /confirm/, { code: '000000' })
    expect(wrong.status).toBe(400)
    const done = await submit(browser, wrong, /confirm/, { code: codeIn(await newMail(email)) })
    expect(done.location?.origin).toBe('https://app.example')
    await signIn(base, email)
  })

  test('of a stranger who has the code but not the browser, the password goes', async () => {
    const { base } = await fixture.project(['email'], { require_email_confirmation: true })
    const [browser, stranger, email] = [new BrowserClient(), new BrowserClient(), unique()]
    const page = await browser.open(`${base}/sign-up?${query(proofKey().challenge)}`)
    await submit(browser, page, /sign-up/, { email, password: PASSWORD })
    const theirs = await stranger.open(`${base}/sign-up?${query(proofKey().challenge)}`)
    const formToken = formOf(theirs.text, /sign-up/).fields['form_token']!
    const form = { form_token: formToken, email, code: codeIn(await newMail(email)) }
    const done = await stranger.open(`${base}/sign-up/confirm?${query(proofKey().challenge)}`, { form })
    expect(done.location).toBeNull()
    expect(done.text).toContain('it was removed')
  })

  test('a project that requires a second factor: it is set up, the codes are shown, and then the app', async () => {
    const { base } = await fixture.project(['email'], { mfa: 'required' })
    const [key, browser] = [proofKey(), new BrowserClient()]
    const page = await browser.open(`${base}/sign-up?${query(key.challenge)}`)
    const enrol = await submit(browser, page, /sign-up/, { email: unique(), password: PASSWORD })
    const app = await submit(browser, enrol, /mfa\/enrol/, { intent: 'totp' })
    const secret = /<code dir="ltr">([^<]+)</.exec(app.text)![1]!.replaceAll(' ', '')
    const uri = `otpauth://totp/x?secret=${secret}`
    const wrong = await submit(browser, app, /mfa\/enrol/, { code: '000000', intent: 'totp_code' })
    expect(wrong.status).toBe(401)
    const codes = await submit(browser, wrong, /mfa\/enrol/, { code: codeAt(uri, clock.now()), intent: 'totp_code' })
    expect(codes.text).toContain('Keep your recovery codes')
    const done = await submit(browser, codes, /continue/, {})
    const session = await call(`${base}/token/exchange`, { body: { code: done.location!.searchParams.get('code'), code_verifier: key.verifier } })
    expect(session.status).toBe(200)
  })

  test('is closed where sign-ups are', async () => {
    const { base } = await fixture.project(['email'], { allow_signups: false })
    const page = await new BrowserClient().open(`${base}/sign-up`)
    expect([page.status, page.text.includes('<form method="post"')]).toEqual([403, false])
  })

  test('no pages at all where the gate is disabled', async () => {
    const { base } = await fixture.project(['email'], { sign_in_gate: 'disabled' })
    for (const page of ['sign-in', 'sign-up', 'forgot', 'account']) expect((await call(`${base}/${page}`)).status).toBe(404)
  })
})

describe('a forgotten password', () => {
  test('says the same for every address; the link leads to our page, even with a site', async () => {
    const { base } = await fixture.project(['email'], { site_url: 'https://app.example' })
    const { email } = await signUp(base)
    const texts = []
    for (const typed of [email, unique('nobody')]) {
      const browser = new BrowserClient()
      const page = await browser.open(`${base}/forgot`)
      const sent = await submit(browser, page, /forgot/, { email: typed })
      expect(sent.status).toBe(200)
      texts.push(sent.text.replaceAll(typed, '').replaceAll(/nonce="[^"]*"/g, ''))
    }
    expect(texts[0]).toBe(texts[1])
    const link = /https?:\S+\/mail\/password_reset\?token=\S+/.exec((await newMail(email, /password/i)).text)![0]
    const browser = new BrowserClient()
    const page = await browser.open(link)
    const done = await submit(browser, page, /password_reset/, { password: NEW_PASSWORD })
    expect(done.text).toContain('Your password is changed')
    const spent = await submit(browser, page, /password_reset/, { password: `${NEW_PASSWORD}!` })
    expect(spent.text).toMatch(/used already[\s\S]*Ask for a new link/)
    await signIn(base, email, NEW_PASSWORD)
  })
})

describe('the account page', () => {
  test('needs a session of its own project', async () => {
    const [one, other] = [await fixture.project(['email']), await fixture.project(['email'])]
    const { email } = await signUp(one.base)
    const browser = await signIn(one.base, email)
    expect((await browser.open(`${one.base}/account`)).text).toContain(email)
    // The test's browser sends every cookie of the host, as an attacker would: the other project's is worth nothing.
    expect((await browser.open(`${other.base}/account`)).location?.pathname).toMatch(/\/sign-in$/)
    const outside = await new BrowserClient().open(`${one.base}/account`)
    expect(outside.location?.pathname).toMatch(/\/sign-in$/)
  })

  test('changes the password, ends the others, and asks for the old one', async () => {
    const { base } = await fixture.project(['email'])
    const { email, accessToken } = await signUp(base)
    const browser = await signIn(base, email)
    const wrong = await press(browser, base, 'password', { current_password: 'wrong', password: NEW_PASSWORD })
    expect([wrong.status, wrong.text.includes('not the password of the account')]).toEqual([401, true])
    const done = await press(browser, base, 'password', { current_password: PASSWORD, password: NEW_PASSWORD })
    expect((await browser.open(done.location!)).text).toContain('Your password is changed')
    expect((await call(`${base}/sessions`, { token: accessToken })).status).toBe(401)
    await signIn(base, email, NEW_PASSWORD)
  })

  test('a sign-out in the app signs out here, and «everywhere» ends the app’s session', async () => {
    const { base } = await fixture.project(['email'])
    const { email, accessToken } = await signUp(base)
    const browser = await signIn(base, email)
    const out = await press(browser, base, 'end_all')
    expect(out.location?.pathname).toMatch(/\/signed-out$/)
    expect((await call(`${base}/sessions`, { token: accessToken })).status).toBe(401)
    expect((await browser.open(`${base}/account`)).location?.pathname).toMatch(/\/sign-in$/)

    // One device of the list, by its own button.
    const other = (await call(`${base}/login`, { body: { email, password: PASSWORD } })).body.access_token as string
    const here = await signIn(base, email)
    const listed = await here.open(`${base}/account`)
    const id = /name="id" value="([0-9a-f-]{36})">Sign out</.exec(listed.text)![1]!
    const token = formOf(listed.text, /account/).fields['form_token']!
    await here.open(`${base}/account`, { form: { form_token: token, intent: 'end_session', id } })
    expect((await call(`${base}/sessions`, { token: other })).status).toBe(401)

    const [key, second] = [proofKey(), new BrowserClient()]
    const page = await second.open(`${base}/sign-in?${query(key.challenge)}`)
    const landed = await submit(second, page, /sign-in/, { email, password: PASSWORD })
    const session = await call(`${base}/token/exchange`, { body: { code: landed.location!.searchParams.get('code'), code_verifier: key.verifier } })
    expect((await second.open(`${base}/account`)).status).toBe(200)
    await call(`${base}/logout`, { token: session.body.access_token, body: {} })
    expect((await second.open(`${base}/account`)).location?.pathname).toMatch(/\/sign-in$/)
  })

  test('asks for the password again when the sign-in is old: address, delete', async () => {
    const { base } = await fixture.project(['email'])
    const { email } = await signUp(base)
    const browser = await signIn(base, email)
    clock.advanceSeconds(15 * 60)
    for (const [intent, typed] of [['email', { email: unique('new') }], ['delete', {}]] as const) {
      const asked = await press(browser, base, intent, typed)
      expect([intent, asked.status]).toEqual([intent, 403])
      expect(asked.text).toContain('type your password to confirm')
    }
    const next = unique('next')
    const sent = await press(browser, base, 'email', { email: next, current_password: PASSWORD })
    expect(sent.text).toContain(`We sent a link to ${next}`)
    expect((await browser.open(`${base}/account`)).text).toContain(`${next} waits to be confirmed`)
    const exported = await press(browser, base, 'export')
    expect(JSON.parse(exported.text).user.pending_email).toBe(next)
    expect(exported.text).not.toMatch(/hash|secret|seed/)
    const gone = await press(browser, base, 'delete', { current_password: PASSWORD })
    expect(gone.text).toContain('Your account is deleted')
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
  })

  test('an authenticator app comes and goes; recovery codes are shown once', async () => {
    const { base } = await fixture.project(['email'], { mfa: 'optional' })
    const { email } = await signUp(base)
    const browser = await signIn(base, email)
    const started = await press(browser, base, 'totp')
    const uri = `otpauth://totp/x?secret=${/<code dir="ltr">([^<]+)</.exec(started.text)![1]!.replaceAll(' ', '')}`
    const codes = await submit(browser, started, /account/, { code: codeAt(uri, clock.now()), intent: 'totp_code' })
    expect(codes.text).toContain('Keep your recovery codes')
    const page = await browser.open(`${base}/account`)
    expect(page.text).toMatch(/\d+ recovery codes left/)
    const id = /name="id" value="([0-9a-f-]{36})">[^<]*\n?[^<]*<button[^>]*value="remove_factor"/.exec(page.text)![1]!
    const removed = await press(browser, base, 'remove_factor', { id })
    expect(removed.location?.search).toBe('?done=saved')
  })

  test.each([
    ['another site', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } }],
    ['a same-site page without the token', { form: { form_token: '' } }],
  ])('nothing is done for a form of %s', async (_what, attack: { headers?: Record<string, string>; form?: Record<string, string> }) => {
    const { base } = await fixture.project(['email'])
    const { email } = await signUp(base)
    const browser = await signIn(base, email)
    const page = await browser.open(`${base}/account`)
    const fields = formOf(page.text, /account/).fields
    const form = { form_token: fields['form_token']!, intent: 'delete', ...attack.form }
    const answer = await browser.open(`${base}/account`, { form, ...(attack.headers && { headers: attack.headers }) })
    expect(answer.status).toBe(403)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
  })
})

test('a captcha that the project asks for stands before the pages too', async () => {
  const project = await fixture.project(['email', 'email_otp'])
  const set = await fixture.control.call('PUT', `projects/${project.id}/auth/captcha`, { provider: 'turnstile', site_key: 'key', secret: 'secret' })
  expect(set.status).toBe(200)
  const { email } = { email: unique() }
  for (const [page, action, intent] of [
    ['sign-in', /sign-in/, 'password'], ['sign-in', /sign-in/, 'mail'], ['sign-up', /sign-up/, ''], ['forgot', /forgot/, ''],
  ] as const) {
    const browser = new BrowserClient()
    const shown = await browser.open(`${project.base}/${page}`)
    expect(shown.text).toContain('cf-turnstile')
    expect(shown.headers.get('content-security-policy')).toContain('frame-src https://challenges.cloudflare.com')
    const typed = { email, ...(page === 'forgot' ? {} : { password: PASSWORD }), ...(intent === '' ? {} : { intent }) }
    const answer = await submit(browser, shown, action, typed)
    expect([page, intent, answer.status, answer.text.includes('no robot')]).toEqual([page, intent, 403, true])
  }
})
