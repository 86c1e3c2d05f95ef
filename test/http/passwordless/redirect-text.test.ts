import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import { BrowserClient } from '../../support/browser-client.js'
import { proofKey, startSignInFixture, unique, PASSWORD, type SignInFixture } from '../../support/sign-in-fixture.js'

// Each would be written differently by the URL parser's query writer, or has a field of ours in it.
const OWN = [
  'https://app.example/cb?next=%2fhome%2Fx&q=a%20b~c',
  "https://app.example/cb?sig=ab==&note=it%27s(ok)!",
  'https://app.example/cb?type=business&token=own&code=PROMO&state=mine&error=none',
  'https://app.example/cb?flag&empty=&a+b=c+d',
  'https://app.example/cb?x=1&',
]

let fixture: SignInFixture
let id: string
let base: string

beforeAll(async () => {
  fixture = await startSignInFixture()
  ;({ id, base } = await fixture.project(['email', 'magic_link'], { redirect_urls: OWN, signup_mode: 'private' }))
})
afterAll(() => fixture?.close())

const linkTo = async (email: string, purpose: string) => {
  const mail = await fixture.resend.waitForMail((each) => each.to.includes(email) && each.text.includes(`type=${purpose}&token=`))
  return /^https:\S+$/m.exec(mail.text)![0]
}
const account = async () => {
  const email = unique('own')
  await call(`${base}/signup`, { body: { email, password: PASSWORD } })
  return email
}

/** Every request that takes a `redirect_to` and mails a link there. */
const ASKED: Record<string, (redirectTo: string) => Promise<{ email: string; purpose: string }>> = {
  'a password reset': async (redirectTo) => {
    const email = await account()
    await call(`${base}/password-reset`, { body: { email, redirect_to: redirectTo } })
    return { email, purpose: 'password_reset' }
  },
  'a confirmation asked for again': async (redirectTo) => {
    const email = await account()
    await call(`${base}/email/resend`, { body: { email, redirect_to: redirectTo } })
    return { email, purpose: 'email_confirm' }
  },
  'a sign-in link': async (redirectTo) => {
    const email = unique('own')
    await call(`${base}/magic-link`, { body: { email, redirect_to: redirectTo } })
    return { email, purpose: 'magic_link' }
  },
  'an invitation': async (redirectTo) => {
    const email = unique('own')
    await fixture.control.call('POST', `projects/${id}/users/invite`, { email, redirect_to: redirectTo })
    return { email, purpose: 'invitation' }
  },
}

describe.each(Object.entries(ASKED))('%s', (_name, ask) => {
  test.each(OWN)('leads to %s, letter by letter, with our fields behind it', async (redirectTo) => {
    const { email, purpose } = await ask(redirectTo)
    const link = await linkTo(email, purpose)
    const between = redirectTo.endsWith('&') ? '' : '&'
    expect(link.slice(0, -43)).toBe(`${redirectTo}${between}type=${purpose}&token=`)
  })
})

test.each(OWN)('the button of a sign-in link leads to %s, letter by letter, with the code behind it', async (redirectTo) => {
  const email = unique('own')
  const key = proofKey()
  await call(`${base}/magic-link`, {
    body: { email, redirect_to: redirectTo, code_challenge: key.challenge, code_challenge_method: 'S256' },
  })
  const token = (await fixture.mailedLink(email, /Sign in/)).searchParams.get('token')!
  const { headers } = await new BrowserClient().open(`${base}/mail/magic_link`, { form: { token } })
  const location = headers.get('location')!
  const code = location.slice(-43)
  expect(location).toBe(`${redirectTo}${redirectTo.endsWith('&') ? '' : '&'}code=${code}`)
  expect((await call(`${base}/token/exchange`, { body: { code, code_verifier: key.verifier } })).status).toBe(200)
})
