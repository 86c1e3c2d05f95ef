import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import { startFakeCaptcha, type FakeCaptcha } from '../../support/fake-captcha.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let captcha: FakeCaptcha
const SECRET = 'captcha-secret'

beforeAll(async () => {
  captcha = await startFakeCaptcha({ secret: SECRET, solved: Array.from({ length: 20 }, (_, i) => `solved-${i}`) })
  fixture = await startSignInFixture({ captchaVerifyUrl: captcha.url })
})
afterAll(async () => {
  await captcha?.close()
  await fixture?.close()
})

describe('captcha', () => {
  test('is asked for where accounts are made, entered or mailed, works once, and fails closed', async () => {
    const { id, base } = await fixture.project(['email', 'magic_link', 'email_otp'])
    expect((await fixture.control.call('PUT', `projects/${id}/auth/captcha`, { provider: 'turnstile', site_key: '0xSite' })).status).toBe(
      422,
    )
    const put = await fixture.control.call('PUT', `projects/${id}/auth/captcha`, {
      provider: 'turnstile',
      site_key: '0xSite',
      secret: SECRET,
    })
    expect([put.status, put.text.includes(SECRET)]).toEqual([200, false])
    await expect.poll(async () => (await call(`${base}/settings`)).body.captcha).toEqual({ provider: 'turnstile', site_key: '0xSite' })
    const email = unique()
    const paths: [string, Record<string, unknown>][] = [
      ['signup', { email, password: PASSWORD }],
      ['login', { email, password: PASSWORD }],
      ['password-reset', { email }],
      ['magic-link', { email }],
      ['email/start', { email }],
    ]
    for (const [path, body] of paths) {
      for (const captchaToken of [undefined, '', 'made up', 7]) {
        const refused = await call(`${base}/${path}`, {
          body: { ...body, ...(captchaToken === undefined ? {} : { captcha_token: captchaToken }) },
        })
        expect([path, refused.status, refused.body.error.code]).toEqual([path, 403, 'captcha_failed'])
      }
    }
    const made = await call(`${base}/signup`, { body: { email, password: PASSWORD, captcha_token: 'solved-0' } })
    expect(made.status).toBe(201)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'solved-0' } })).status).toBe(403)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'solved-1' } })).status).toBe(200)
    expect(captcha.asked.at(-1)!.get('remoteip')).toBe('127.0.0.1')
    captcha.state = 'down'
    const down = await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'solved-2' } })
    expect([down.status, down.body.error.code, down.headers.get('retry-after')]).toEqual([503, 'unavailable', '5'])
    captcha.state = 'hang'
    const from = performance.now()
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'solved-3' } })).status).toBe(503)
    expect(performance.now() - from).toBeLessThan(5_000)
    captcha.state = 'up'
    // A signed-in user is not asked.
    expect((await call(`${base}/user`, { token: made.body.access_token })).status).toBe(200)
    await fixture.control.call('PUT', `projects/${id}/auth/captcha`, { provider: 'hcaptcha', site_key: '0xSite', secret: 'mistyped' })
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'solved-4' } })).status).toBe(503)
    expect((await fixture.control.call('DELETE', `projects/${id}/auth/captcha`)).body.data).toEqual({ captcha: null })
    await expect
      .poll(async () => (await call(`${base}/login`, { body: { email, password: PASSWORD, captcha_token: 'ignored' } })).status)
      .toBe(200)
  })
})

describe('who may sign up', () => {
  const signUp = async (base: string, email: string) => {
    const answer = await call(`${base}/signup`, { body: { email, password: PASSWORD } })
    return answer.status === 201 ? 'ok' : answer.body.error.code
  }

  test('blocked, allowed and throw-away domains, subdomains included', async () => {
    const blocked = await fixture.project(['email'], { email_domains_blocked: ['Evil.example'] })
    expect(await signUp(blocked.base, 'a@evil.example')).toBe('email_domain_not_allowed')
    expect(await signUp(blocked.base, 'a@EVIL.example')).toBe('email_domain_not_allowed')
    expect(await signUp(blocked.base, 'a@mail.evil.example')).toBe('email_domain_not_allowed')
    expect(await signUp(blocked.base, 'a@notevil.example')).toBe('ok')
    const allowed = await fixture.project(['email'], { email_domains_allowed: ['corp.example'] })
    expect(await signUp(allowed.base, 'a@corp.example')).toBe('ok')
    expect(await signUp(allowed.base, 'a@corp.example.evil.com')).toBe('email_domain_not_allowed')
    expect(await signUp(allowed.base, unique())).toBe('email_domain_not_allowed')
    const proper = await fixture.project(['email'], { block_disposable_email: true })
    expect(await signUp(proper.base, 'a@mailinator.com')).toBe('email_domain_not_allowed')
    expect(await signUp(proper.base, unique())).toBe('ok')
    const open = await fixture.project(['email'])
    expect(await signUp(open.base, 'a@mailinator.com')).toBe('ok')
  })
})
