import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MovableClock } from '@portico/kernel/clock'
import { codeAt } from '../../support/authenticator-app.js'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { linkIn, type FakeMail } from '../../support/fake-resend.js'
import { submit } from '../../support/page-forms.js'
import {
  APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type ProofKey, type SignInFixture,
} from '../../support/sign-in-fixture.js'

const clock = new MovableClock()
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
})
afterAll(() => fixture?.close())

const pageUrl = (base: string, key: ProofKey, more: Record<string, string> = {}) =>
  `${base}/sign-in?${new URLSearchParams({ redirect_to: APP_CALLBACK, code_challenge: key.challenge, state: 'app-state', ...more })}`

/** The newest mail to this address, and no other one twice. */
async function newMail(email: string) {
  const isNew = (mail: FakeMail) => mail.to.includes(email) && !read.has(mail)
  await fixture.resend.waitForMail(isNew)
  const mail = fixture.resend.mails.find(isNew)!
  read.add(mail)
  return mail
}
const codeIn = ({ text }: FakeMail) => /\b\d{6}\b/.exec(text)![0]
const read = new WeakSet<FakeMail>()

const redeem = (base: string, landed: URL | null, key: ProofKey) =>
  call(`${base}/token/exchange`, { body: { code: landed?.searchParams.get('code') ?? '', code_verifier: key.verifier } })

describe('sign-in on our own page', () => {
  test('with a password: back at the app with a code and its state, and the code is one session', async () => {
    const { base, uuid } = await fixture.project(['email'])
    const { email } = await signUp(base)
    const [key, browser] = [proofKey(), new BrowserClient()]
    const page = await browser.open(pageUrl(base, key))
    expect(page.status).toBe(200)
    expect(page.text).toContain('Sign in to Blue Bakery')
    expect(page.text.length).toBeLessThan(15_000)
    const { location } = await submit(browser, page, /sign-in/, { email, password: PASSWORD })
    expect(location?.href).toMatch(/^https:\/\/app\.example\/auth\/callback\?code=[\w-]{43}&state=app-state$/)
    const session = await redeem(base, location, key)
    expect(session.status).toBe(200)
    expect(session.body.user.email).toBe(email)
    const renewed = await call(`${base}/refresh`, { body: { refresh_token: session.body.refresh_token } })
    expect(renewed.status).toBe(200)
    const { body } = await call(`${base}/sessions`, { token: renewed.body.access_token })
    // The one of the sign-up, and the one of the page: no third one for the app.
    expect(body.data).toHaveLength(2)
    expect(await fixture.audit(uuid, 'session.started')).toHaveLength(1)
  })

  test('what was wrong is said in the page, what was typed stays, and every refusal is the same for known and unknown addresses', async () => {
    const { base, uuid } = await fixture.project(['email'])
    const { email } = await signUp(base)
    const answers = []
    for (const typed of [email, unique('nobody')]) {
      const browser = new BrowserClient()
      const page = await browser.open(pageUrl(base, proofKey()))
      const answer = await submit(browser, page, /sign-in/, { email: typed, password: 'not the password' })
      expect(answer.status).toBe(401)
      expect(answer.text).toContain(`value="${typed}"`)
      expect(answer.text).not.toContain('not the password')
      answers.push(answer.text.replaceAll(typed, '').replaceAll(/nonce="[^"]*"|value="[\w-]{43}"|code_challenge=[\w-]*/g, ''))
    }
    expect(answers[0]).toBe(answers[1])
    expect(await fixture.audit(uuid, 'sign_in.refused')).toHaveLength(2)
  })

  test('the second step takes a code of the authenticator app, and a recovery code', async () => {
    const { base } = await fixture.project(['email'], { mfa: 'optional' })
    const { email, accessToken: token } = await signUp(base)
    const { body: started } = await call(`${base}/factors`, { token, body: { type: 'totp' } })
    const { body: active } = await call(`${base}/factors/${started.factor_id}/verify`, {
      token,
      body: { code: codeAt(started.otpauth_uri, clock.now()) },
    })
    for (const intent of ['code', 'recovery'] as const) {
      clock.advanceSeconds(60)
      const [key, browser] = [proofKey(), new BrowserClient()]
      const page = await browser.open(pageUrl(base, key))
      const step = await submit(browser, page, /sign-in/, { email, password: PASSWORD })
      expect(step.status).toBe(200)
      const wrong = await submit(browser, step, /mfa/, { code: '000000' })
      expect(wrong.status).toBe(401)
      expect(wrong.text).toContain('This code is wrong')
      const code = intent === 'code' ? codeAt(started.otpauth_uri, clock.now()) : active.recovery_codes[0]
      const done = await submit(browser, wrong, /mfa/, { code, intent })
      expect((await redeem(base, done.location, key)).status).toBe(200)
    }
  })

  test('a mailed code, and a mailed link that comes back to this browser', async () => {
    const { base } = await fixture.project(['magic_link', 'email_otp'])
    const email = unique()
    for (const way of ['code', 'link'] as const) {
      clock.advanceSeconds(120)
      const [key, browser] = [proofKey(), new BrowserClient()]
      const page = await browser.open(pageUrl(base, key))
      const inbox = await submit(browser, page, /sign-in/, { email, intent: 'mail' })
      expect(inbox.text).toContain('Check your inbox')
      const mail = await newMail(email)
      if (way === 'code') {
        const wrong = await submit(browser, inbox, /code/, { code: '000000' })
        expect(wrong.status).toBe(400)
        const done = await submit(browser, wrong, /code/, { code: codeIn(mail) })
        expect((await redeem(base, done.location, key)).status).toBe(200)
        continue
      }
      const link = await browser.open(linkIn(mail))
      const pressed = await submit(browser, link, /magic_link/, {})
      expect(pressed.location?.pathname).toMatch(/\/sign-in\/return$/)
      const stranger = await new BrowserClient().open(pressed.location!)
      expect(stranger.status).toBe(400)
      expect(stranger.text).toContain('another browser')
    }
  })

  test('the link that comes back ends at the app', async () => {
    const { base } = await fixture.project(['magic_link'])
    const [key, browser, email] = [proofKey(), new BrowserClient(), unique()]
    const page = await browser.open(pageUrl(base, key))
    await submit(browser, page, /sign-in/, { email, intent: 'mail' })
    const mail = await newMail(email)
    const link = await browser.open(linkIn(mail))
    const pressed = await submit(browser, link, /magic_link/, {})
    const done = await browser.open(pressed.location!)
    expect((await redeem(base, done.location, key)).body.user.email).toBe(email)
  })

  test.each([
    ['an address that is not on the list', { redirect_to: 'https://evil.example/cb' }],
    ['one that only begins like it', { redirect_to: `${APP_CALLBACK}/../x` }],
    ['no challenge', { code_challenge: '' }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
  ])('leads nowhere with %s', async (_what, more) => {
    const { base } = await fixture.project(['email'])
    const page = await new BrowserClient().open(pageUrl(base, proofKey(), more))
    expect(page.status).toBe(400)
    expect(page.text).not.toContain('<form method="post"')
    expect(page.location).toBeNull()
  })

  interface Attack {
    headers?: Record<string, string>
    form?: Record<string, string>
    fresh?: boolean
  }

  test.each<[string, Attack]>([
    ['a form of another site', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } }],
    ['a form of another origin, from a browser without Sec-Fetch', { headers: { origin: 'https://evil.example' } }],
    ['a script', { headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' } }],
    ['a made-up form token', { form: { form_token: 'x'.repeat(43) } }],
    ['no form token', { form: { form_token: '' } }],
    ['a browser that never saw the page', { fresh: true }],
  ])('signs nobody in by %s', async (_what, attack) => {
    const { base, uuid } = await fixture.project(['email'])
    const { email } = await signUp(base)
    const browser = new BrowserClient()
    const page = await browser.open(pageUrl(base, proofKey()))
    const sender = attack.fresh ? new BrowserClient() : browser
    const answer = await submit(sender, page, /sign-in/, { email, password: PASSWORD, ...attack.form }, attack.headers)
    expect(answer.status).toBe(403)
    expect(answer.location).toBeNull()
    expect(await fixture.audit(uuid, 'sign_in.refused')).toHaveLength(0)
    expect(await fixture.audit(uuid, 'session.started')).toHaveLength(0)
  })

  test('the policy of the page lets its forms lead to the app and its own routes only', async () => {
    const { base } = await fixture.project(['email'])
    const page = await new BrowserClient().open(pageUrl(base, proofKey()))
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("form-action 'self' https://app.example;")
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  })
})
