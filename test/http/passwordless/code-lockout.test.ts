import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, type Answer } from '../../support/data-plane.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

/** Strangers who guess at the mailed codes of an account use up their own guesses, and not those of its owner. */
let fixture: SignInFixture
let base: string

beforeAll(async () => {
  fixture = await startSignInFixture({ trustedProxyHops: 1 })
  base = (await fixture.project(['email', 'email_otp'], { site_url: 'https://app.example' })).base
})
afterAll(() => fixture?.close())

const HOME = '198.51.100.7'
const mailedCode = async (email: string, subject: RegExp) => {
  const mail = await fixture.resend.waitForMail((each) => each.to.includes(email) && subject.test(each.subject))
  return /^ {4}(\d{6})$/m.exec(mail.text)![1]!
}

interface Asked {
  code: string
  guess: (code: string, from?: { ip?: string; token?: string }) => Promise<Answer>
  token: string
}

/** Every route that takes a mailed code from whoever calls. */
const ROUTES: Record<string, () => Promise<Asked>> = {
  '/email/verify': async () => {
    const email = unique('otp')
    const { body } = await call(`${base}/signup`, { ip: HOME, body: { email, password: PASSWORD } })
    await call(`${base}/email/start`, { body: { email } })
    const code = await mailedCode(email, /code/)
    const guess: Asked['guess'] = (typed, from = {}) => call(`${base}/email/verify`, { ...from, body: { email, code: typed } })
    return { code, token: body.access_token, guess }
  },
  '/email/confirm': async () => {
    const email = unique('confirm')
    const { body } = await call(`${base}/signup`, { ip: HOME, body: { email, password: PASSWORD } })
    const code = await mailedCode(email, /Confirm/)
    const guess: Asked['guess'] = (typed, from = {}) => call(`${base}/email/confirm`, { ...from, body: { email, code: typed } })
    return { code, token: body.access_token, guess }
  },
}

describe.each(Object.entries(ROUTES))('%s', (route, ask) => {
  const wrongOf = (code: string) => (code === '000000' ? '000001' : '000000')

  test('after twenty wrong codes of strangers the owner’s right one counts, from where they have signed in', async () => {
    const { code, guess } = await ask()
    for (let i = 0; i < 20; i += 1) expect((await guess(wrongOf(code))).status).toBe(400)
    expect((await guess(code)).status).toBe(400)
    expect((await guess(code, { ip: HOME })).status).toBe(200)
  })

  test('whoever is known there has few guesses, too', async () => {
    const { code, guess } = await ask()
    for (let i = 0; i < 10; i += 1) expect((await guess(wrongOf(code), { ip: HOME })).status).toBe(400)
    expect((await guess(code, { ip: HOME })).status).toBe(400)
  })

  if (route === '/email/confirm')
    test('or with a session of the account, wherever that is', async () => {
      const { code, guess, token } = await ask()
      for (let i = 0; i < 20; i += 1) await guess(wrongOf(code))
      expect((await guess(code, { token })).status).toBe(200)
    })
})
