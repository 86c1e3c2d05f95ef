import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import { BrowserClient } from '../../support/browser-client.js'
import { proofKey, startSignInFixture, startUrl, unique, PASSWORD, type SignInFixture } from '../../support/sign-in-fixture.js'

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

describe('an app with a scheme of its own, and hash routes', () => {
  const APPS = ['myapp://callback', 'com.example.app:/oauth2redirect', 'https://app.example/#/auth/callback']
  let app: Awaited<ReturnType<SignInFixture['project']>>
  beforeAll(async () => {
    app = await fixture.project(['email', 'magic_link', 'github'], { redirect_urls: APPS })
    await fixture.control.call('PUT', `projects/${app.id}/auth/providers/github`, { client_id: 'a', client_secret: 'b' })
  })
  const ask = (email: string, redirectTo: string, more: object = {}) =>
    call(`${app.base}/magic-link`, { body: { email, redirect_to: redirectTo, ...more } })

  test.each(APPS)('the button of a sign-in link leads to %s with a code, and the page may send its form there', async (redirectTo) => {
    const email = unique('native')
    const key = proofKey()
    expect((await ask(email, redirectTo, { code_challenge: key.challenge, code_challenge_method: 'S256' })).status).toBe(200)
    const link = await fixture.mailedLink(email, /Sign in/)
    // What is mailed is a page of ours: mail programs drop links with a scheme that they do not know.
    expect(link.href.startsWith(`${app.base}/mail/magic_link?`)).toBe(true)
    const page = await new BrowserClient().open(link)
    expect(page.headers.get('content-security-policy')).toMatch(/; form-action 'self' myapp: com\.example\.app: https:\/\/app\.example;/)
    const token = link.searchParams.get('token')!
    const { headers } = await new BrowserClient().open(`${app.base}/mail/magic_link`, { form: { token } })
    const [head, hash] = redirectTo.split('#')
    const location = headers.get('location')!
    expect(location).toMatch(/[?]code=[\w-]{43}(#|$)/)
    const code = /code=([\w-]{43})/.exec(location)![1]!
    expect(location).toBe(`${head}?code=${code}${hash === undefined ? '' : `#${hash}`}`)
    expect((await call(`${app.base}/token/exchange`, { body: { code, code_verifier: key.verifier } })).status).toBe(200)
  })

  test.each(APPS.slice(0, 2))('%s gets no link with a token in it: any app of a device may have claimed the scheme', async (redirectTo) => {
    const email = unique('native')
    const refused = await ask(email, redirectTo)
    expect([refused.status, refused.body.error.details[0].field]).toEqual([422, 'code_challenge'])
    await call(`${app.base}/signup`, { body: { email, password: PASSWORD } })
    await call(`${app.base}/password-reset`, { body: { email, redirect_to: redirectTo } })
    expect((await fixture.mailedLink(email, /password/i)).href).toMatch(new RegExp(`^${app.base}/mail/password_reset[?]token=[\\w-]{43}$`))
  })

  test.each(APPS)('a provider is begun for %s, and for no address like it', async (redirectTo) => {
    const start = (target: string) =>
      new BrowserClient().open(startUrl(app.base, 'github', proofKey(), { redirect_to: target })).then(({ status }) => status)
    expect(await start(redirectTo)).toBe(302)
    for (const lookalike of [`${redirectTo}/`, `${redirectTo}?x=1`, redirectTo.toUpperCase(), `${redirectTo}.evil.example`, ` ${redirectTo}`]) {
      expect([lookalike, await start(lookalike)]).toEqual([lookalike, 422])
    }
  })

  test.each(['javascript://%0aalert(1)', 'data:/text/html,x', 'httpx://app', 'intent://x', 'myapp:callback', 'myapp://*'])(
    '%s cannot be listed',
    async (url) => {
      const answer = await fixture.control.call('PATCH', `projects/${app.id}/auth`, { redirect_urls: [url] })
      expect([answer.status, answer.body.error?.details?.[0]?.field]).toEqual([422, 'redirect_urls'])
    },
  )
})
