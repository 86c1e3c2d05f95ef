import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContext, CDPSession, ConsoleMessage, Dialog, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuthClient } from '../../libs/sdk-app/auth-client.js'
import type { emailCode } from '../../libs/sdk-app/email-code.js'
import type { magicLink } from '../../libs/sdk-app/magic-link.js'
import type { mfa } from '../../libs/sdk-app/mfa.js'
import type { passkeys } from '../../libs/sdk-app/passkeys.js'
import type { social } from '../../libs/sdk-app/social.js'
import { codeAt } from '../support/authenticator-app.js'
import { type OidcServer, startOidcServer } from '../support/oidc-server.js'
import { PASSWORD, type SignInFixture, startSignInFixture, unique } from '../support/sign-in-fixture.js'
import { addAuthenticator, CHROMIUM, launchChromium } from '../support/virtual-authenticator.js'
import { ROOT, run } from './built-sdks.js'

declare global {
  // The script's own global, and what the page's scripts leave for the test.
  var PorticoAuth: {
    emailCode: typeof emailCode
    magicLink: typeof magicLink
    mfa: typeof mfa
    passkeys: typeof passkeys
    social: typeof social
  }
  var auth: AuthClient
  var waiting: Promise<unknown>
  var keys: ReturnType<typeof passkeys>
}

const PROVIDER = 'oidc:acme'
/** What a browser without the JSON forms of WebAuthn Level 3 lacks. */
const OLD_BROWSER = `
  delete PublicKeyCredential.parseCreationOptionsFromJSON
  delete PublicKeyCredential.parseRequestOptionsFromJSON
  delete PublicKeyCredential.prototype.toJSON`

describe.skipIf(!CHROMIUM)('the script’s ways in, in a real browser', () => {
  let fixture: SignInFixture
  let idp: OidcServer
  let pages: Server
  let origin: string
  let base: string
  let cookieBase: string
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let devTools: CDPSession
  let authenticatorId: string

  beforeAll(async () => {
    expect(await run(process.execPath, ['scripts/build-sdk.mjs', 'sdk-app'])).toMatchObject({ code: 0 })
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost' })
    pages = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>App</title><input id="email" autocomplete="username webauthn">')
    })
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
    origin = `http://localhost:${(pages.address() as AddressInfo).port}`
    const settings = { mfa: 'optional', site_url: origin, redirect_urls: [`${origin}/back`], allowed_origins: [origin] }
    const project = await fixture.project(['email', 'magic_link', 'email_otp', PROVIDER], settings)
    base = project.base
    const cookies = await fixture.project(['email', PROVIDER], { ...settings, refresh_token_transport: 'cookie' })
    cookieBase = cookies.base
    idp = await startOidcServer([base, cookieBase].map((each) => `${each}/oauth/${PROVIDER}/callback`))
    for (const { id } of [project, cookies]) {
      const body = { client_id: idp.clientId, client_secret: idp.clientSecret, issuer: idp.issuer }
      expect((await fixture.control.call('PUT', `projects/${id}/auth/providers/${PROVIDER}`, body)).status).toBe(200)
    }
    browser = await launchChromium()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    devTools = await context.newCDPSession(page)
    authenticatorId = await addAuthenticator(devTools)
  })
  afterEach(() => context?.close())
  afterAll(async () => {
    await browser?.close()
    pages?.close()
    await idp?.close()
    await fixture?.close()
  })

  async function load(url = base, options = '{}'): Promise<void> {
    await page.addScriptTag({ url: `${url}/sdk/portico-auth.js` })
    await page.evaluate(`auth = PorticoAuth.createAuthClient(${options})`)
  }

  async function open(at = origin, url = base, options = '{}'): Promise<void> {
    await page.goto(at)
    await load(url, options)
  }

  /** Signed up, with a passkey on this device. */
  async function withPasskey(): Promise<string> {
    const email = unique('key')
    await open()
    await page.evaluate(([email, password]) => auth.signUp({ email, password }), [email, PASSWORD] as const)
    const made = await page.evaluate(() => PorticoAuth.passkeys(auth).register({ friendlyName: 'Laptop' }))
    expect(made).toMatchObject({ passkey: { friendlyName: 'Laptop' }, session: { user: { email }, refreshToken: expect.any(String) } })
    expect(made.recoveryCodes).toHaveLength(10)
    return email
  }

  const claims = () => page.evaluate(() => auth.verify().then((checked) => (checked.valid ? checked.claims : null)))
  const problem = (script: string) => page.evaluate<string>(`(${script}).then(() => 'none', (error) => error.name + ' ' + error.code)`)

  describe.each([
    ['with the JSON forms', ''],
    ['with the fallback for browsers without them', OLD_BROWSER],
  ])('passkeys, %s', (_what, init) => {
    beforeEach(() => page.addInitScript(init))

    test('make, sign in alone, name, list and remove', async () => {
      const email = await withPasskey()
      expect(await page.evaluate(`'toJSON' in PublicKeyCredential.prototype`)).toBe(init === '')
      await page.evaluate(() => auth.logOut())
      const session = await page.evaluate(() => PorticoAuth.passkeys(auth).authenticate())
      expect(session).toMatchObject({ user: { email } })
      expect(await claims()).toMatchObject({ acr: 'aal2', amr: expect.arrayContaining(['hwk', 'mfa']) })
      const [passkey] = await page.evaluate(() => PorticoAuth.passkeys(auth).list())
      expect(passkey).toMatchObject({ friendlyName: 'Laptop', rpId: 'localhost' })
      expect(await page.evaluate((id) => PorticoAuth.passkeys(auth).rename(id, 'Work'), passkey!.id)).toMatchObject({
        friendlyName: 'Work',
      })
      await page.evaluate((id) => PorticoAuth.passkeys(auth).remove(id), passkey!.id)
      expect(await page.evaluate(() => PorticoAuth.passkeys(auth).list())).toEqual([])
    })

    test('are the second factor after a password, and a fresh one in a live session', async () => {
      const email = await withPasskey()
      await page.evaluate(() => auth.logOut())
      const session = await page.evaluate(
        async ([email, password]) => {
          const result = await auth.logIn({ email, password })
          if (!result.mfaRequired) throw new Error('no second factor asked for')
          return PorticoAuth.passkeys(auth).authenticate({ mfaToken: result.mfaToken })
        },
        [email, PASSWORD] as const,
      )
      expect(session.user.email).toBe(email)
      const raised = await page.evaluate(() => PorticoAuth.passkeys(auth).stepUp())
      expect(raised.refreshToken).toBe(session.refreshToken)
      expect(raised.accessToken).not.toBe(session.accessToken)
    })

    test('come up in the autofill of the log-in page', async () => {
      const email = await withPasskey()
      await page.evaluate(() => auth.logOut())
      expect(await page.evaluate(() => PorticoAuth.passkeys(auth).canAutofill())).toBe(true)
      expect((await page.evaluate(() => PorticoAuth.passkeys(auth).authenticate({ autofill: true }))).user.email).toBe(email)
    })
  })

  test('a second passkey on the same device, a refusal and a changed mind are told apart', async () => {
    await withPasskey()
    expect(await problem('PorticoAuth.passkeys(auth).register()')).toBe('PorticoAuthError passkey_exists')
    await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    expect(await problem('PorticoAuth.passkeys(auth).authenticate()')).toBe('PorticoAuthError passkey_cancelled')
    const another = await page.evaluate(() => {
      const stop = new AbortController()
      stop.abort()
      return PorticoAuth.passkeys(auth).authenticate({ signal: stop.signal }).then(() => '', (error: { code: string }) => error.code)
    })
    expect(another).toBe('passkey_cancelled')
  })

  test('a waiting autofill gives way to the button', async () => {
    const email = await withPasskey()
    await page.evaluate(() => auth.logOut())
    // Without presence the wait goes on, as before a person who has not looked yet.
    await devTools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false })
    await page.evaluate(() => {
      globalThis.keys = PorticoAuth.passkeys(auth)
      waiting = globalThis.keys.authenticate({ autofill: true }).then(() => 'signed in', (error: { code: string }) => error.code)
    })
    await page.waitForTimeout(300)
    await devTools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true })
    const session = await page.evaluate(() => globalThis.keys.authenticate())
    expect(session.user.email).toBe(email)
    expect(await page.evaluate(() => waiting)).toBe('passkey_cancelled')
  })

  test('where every user needs a second factor, a passkey is one to enrol', async () => {
    const strict = await fixture.project(['email'], { mfa: 'required', site_url: origin })
    await open(origin, strict.base)
    const email = unique('strict')
    const made = await page.evaluate(
      async ([email, password]) => {
        await auth.signUp({ email, password })
        const result = await auth.logIn({ email, password })
        if (!result.mfaEnrolmentRequired) throw new Error('no enrolment asked for')
        return PorticoAuth.passkeys(auth).register({ mfaToken: result.mfaToken })
      },
      [email, PASSWORD] as const,
    )
    expect(made.session.user.email).toBe(email)
    expect((await page.evaluate(() => auth.getUser())).email).toBe(email)
  })

  test.each([
    ['the tokens in the storage', () => base, '{}'],
    ['the refresh token in a cookie', () => cookieBase, `{ credentials: 'include' }`],
  ])('a provider: away from the page and back to it, %s', async (_what, url, options) => {
    const email = unique('oidc')
    idp.account = { sub: email, email, email_verified: true }
    await open(origin, url(), options)
    await page.evaluate(([provider, redirectTo]) => void PorticoAuth.social(auth).start(provider, { redirectTo }), [
      PROVIDER,
      `${origin}/back`,
    ] as const)
    await page.getByRole('button', { name: `Continue as ${email}` }).click()
    await page.waitForURL(`${origin}/back?**`)
    await load(url(), options)
    const outcome = await page.evaluate(async () => {
      const providers = PorticoAuth.social(auth)
      // Frameworks run an effect twice: one of the two finds the code.
      const results = await Promise.all([providers.exchange(), providers.exchange()])
      return { found: results.map((result) => result !== null), user: (await auth.getUser()).email }
    })
    expect(outcome).toEqual({ found: [true, false], user: email })
    expect(page.url()).toBe(`${origin}/back`)
    const stored = await page.evaluate<string>('JSON.stringify(localStorage)')
    expect(stored).not.toContain('verifier')
    if (options !== '{}') expect(stored).toBe('{}')
  })

  test('a mailed link for this browser: our page’s button, back to the app, signed in', async () => {
    const email = unique('link')
    await open()
    await page.evaluate(([email, redirectTo]) => PorticoAuth.magicLink(auth).send({ email, redirectTo, sameBrowser: true }), [
      email,
      `${origin}/back`,
    ] as const)
    await page.goto((await fixture.mailedLink(email, /Sign in/)).href)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${origin}/back?**`)
    await load()
    expect(await page.evaluate(() => PorticoAuth.magicLink(auth).confirm())).toMatchObject({ user: { email } })
    expect(page.url()).toBe(`${origin}/back`)
  })

  describe('what the README says', () => {
    let snippets: Map<string, string>
    let strict: string
    beforeAll(async () => {
      const readme = await readFile(join(ROOT, 'libs/sdk-app/README.md'), 'utf8')
      const fences = [...readme.matchAll(/^### (.+)$[^]*?^```js\n([^]*?)^```$/gm)]
      snippets = new Map(fences.map(([, heading = '', code = '']) => [heading, code]))
      strict = (await fixture.project(['email'], { mfa: 'required' })).base
    })

    /** Runs a snippet as the page's own, the package being the script's; answers what it printed, or that it sent the browser away. */
    async function runSnippet(
      heading: string,
      answers: Record<string, (question: string) => string | Promise<string>> = {},
      url = base,
    ): Promise<string[]> {
      const code = snippets.get(heading) ?? ''
      expect(code).toContain('@portico/auth/')
      const script = code
        .replace(/^import (\{.+\}) from '@portico\/auth.*'$/gm, 'const $1 = PorticoAuth')
        .replaceAll('process.env.AUTH_URL', JSON.stringify(url))
        .replace(`'github'`, `'${PROVIDER}'`)
      const printed: string[] = []
      const listen = (message: ConsoleMessage) => void printed.push(message.text())
      const answer = async (dialog: Dialog) => {
        const [, reply] = Object.entries(answers).find(([start]) => dialog.message().startsWith(start)) ?? []
        await (reply ? dialog.accept(await reply(dialog.message())) : dialog.dismiss())
      }
      page.on('console', listen).on('dialog', answer)
      await page.evaluate(`(async () => { ${script} })()`).catch((error: Error) => {
        if (!/context was destroyed|navigation/.test(error.message)) throw error
      })
      page.off('console', listen).off('dialog', answer)
      return printed
    }

    const text = async (email: string, subject: RegExp) =>
      (await fixture.resend.waitForMail((mail) => mail.to.includes(email) && subject.test(mail.subject))).text

    test('Mailed links', async () => {
      const email = unique('readme')
      await open(`${origin}/back`)
      expect(await runSnippet('Mailed links', { 'Your address': () => email })).toEqual([])
      await page.goto((await fixture.mailedLink(email, /Sign in/)).href)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${origin}/back?**`)
      await load()
      expect(await runSnippet('Mailed links')).toEqual([email])
    })

    test('Mailed codes', async () => {
      const email = unique('readme')
      await open()
      const code = async () => /^ {4}(\d{6})$/m.exec(await text(email, /code/))?.[1] ?? ''
      expect(await runSnippet('Mailed codes', { 'Your address': () => email, 'The code': code })).toEqual([email])
    })

    test('Google, GitHub and others', async () => {
      const email = unique('readme')
      idp.account = { sub: email, email, email_verified: true }
      await open(`${origin}/back`)
      expect(await runSnippet('Google, GitHub and others')).toEqual([])
      await page.getByRole('button', { name: `Continue as ${email}` }).click()
      await page.waitForURL(`${origin}/back?**`)
      await load()
      expect(await runSnippet('Google, GitHub and others')).toEqual([email])
    })

    test('Second factors', async () => {
      const email = unique('readme')
      await open(origin, strict)
      await page.evaluate(([email, password]) => auth.signUp({ email, password }), [email, PASSWORD] as const)
      let uri = ''
      const answers = { 'Your address': () => email, 'Your password': () => PASSWORD }
      const enrol = (question: string) => {
        uri = `otpauth://totp/x?secret=${/[A-Z2-7]{32,}/.exec(question)?.[0]}`
        return codeAt(uri, new Date())
      }
      expect(await runSnippet('Second factors', { ...answers, 'Your app': enrol }, strict)).toEqual([
        expect.stringContaining('recovery codes'),
        email,
      ])
      expect(await page.evaluate(() => auth.logOut())).toBeUndefined()
      expect(
        await runSnippet('Second factors', { ...answers, 'The code': () => codeAt(uri, new Date(Date.now() + 30_000)) }, strict),
      ).toEqual([email])
    })

    test('Passkeys', async () => {
      const email = unique('readme')
      await open()
      await page.evaluate(([email, password]) => auth.signUp({ email, password }), [email, PASSWORD] as const)
      expect(await runSnippet('Passkeys')).toEqual(['Laptop'])
      await page.evaluate(() => auth.logOut())
      expect(await runSnippet('Passkeys')).toEqual([email])
    })
  })
})
