import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { codeAt } from '../../support/authenticator-app.js'
import { call, signUp } from '../../support/data-plane.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import { PASSWORD, proofKey, startSignInFixture, unique, type ProofKey, type SignInFixture } from '../../support/sign-in-fixture.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const PROVIDER = 'oidc:acme'

describe.skipIf(!CHROMIUM)('from a stranger to somebody signed in, on hosted pages only', () => {
  let fixture: SignInFixture
  let idp: OidcServer
  let app: Server
  let callback: string
  let base: string
  let confirming: string
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let key: ProofKey

  beforeAll(async () => {
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost' })
    app = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>app</title>'))
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done))
    const origin = `http://localhost:${(app.address() as AddressInfo).port}`
    callback = `${origin}/callback`
    const more = { site_url: origin, redirect_urls: [callback] }
    const project = await fixture.project(['email', 'passkey', 'email_otp', PROVIDER], { mfa: 'optional', ...more })
    ;({ base } = project)
    ;({ base: confirming } = await fixture.project(['email'], { require_email_confirmation: true, ...more }))
    idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
    await fixture.control.call('PUT', `projects/${project.id}/auth/providers/${PROVIDER}`, {
      client_id: idp.clientId, client_secret: idp.clientSecret, issuer: idp.issuer,
    })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    app?.close()
    await idp?.close()
    await fixture?.close()
  })
  afterEach(() => context?.close())

  const begin = async (javaScriptEnabled = true) => {
    context = await browser.newContext({ javaScriptEnabled })
    context.setDefaultTimeout(10_000)
    page = await context.newPage()
    key = proofKey()
  }
  beforeEach(() => begin())

  const open = (of = 'sign-in', at = base) =>
    page.goto(`${at}/${of}?${new URLSearchParams({ redirect_to: callback, code_challenge: key.challenge, state: 's' })}`)
  const fill = async (fields: Record<string, string>) => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`main form:not([hidden]) input[name=${name}] >> nth=0`, value)
  }
  /** Presses, and ends at the app with a code that is worth a session. */
  const arrive = async (press: () => Promise<unknown>, at = base) => {
    await Promise.all([page.waitForURL((url) => url.href.startsWith(callback)), press()])
    const landed = new URL(page.url())
    expect(landed.searchParams.get('state')).toBe('s')
    const { body } = await call(`${at}/token/exchange`, { body: { code: landed.searchParams.get('code'), code_verifier: key.verifier } })
    return body as { user: { email: string }; access_token: string }
  }
  /** What a password manager goes by: HTML, 4.10.18.7. */
  const fields = () =>
    page
      .locator('main form:has(input:not([type=hidden]))')
      .first()
      .locator('input:not([type=hidden])')
      .evaluateAll((inputs) => {
        const known = inputs as unknown as Record<string, string>[]
        return known.map(({ name, type, autocomplete, id, inputMode }) => ({ name, type, autocomplete, id, inputMode }))
      })
  const USERNAME = { name: 'email', id: 'email', type: 'email', inputMode: 'email' }

  test.each([true, false])('an account with a password, scripts %s; a password manager knows every field', async (scripts) => {
    await context.close()
    await begin(scripts)
    const email = unique('walk')
    await open()
    expect(await fields()).toEqual([
      { ...USERNAME, autocomplete: 'username webauthn' },
      { name: 'password', id: 'password', type: 'password', autocomplete: 'current-password webauthn', inputMode: '' },
    ])
    await page.click('a[href*="/sign-up"]')
    expect(await fields()).toEqual([
      { ...USERNAME, autocomplete: 'username' },
      { name: 'password', id: 'password', type: 'password', autocomplete: 'new-password', inputMode: '' },
    ])
    await fill({ email, password: 'password1' })
    await page.click('main form:not([hidden]) button')
    // Refused: what was typed stays, the mistake has the focus and is read out with its field.
    const wrong = page.locator('input[name=password]')
    expect(await page.inputValue('input[name=email]')).toBe(email)
    expect(await wrong.getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator(`#${(await wrong.getAttribute('aria-describedby'))!.split(' ')[0]}`).textContent()).toMatch(/password/)
    expect(await page.evaluate('document.activeElement.name').catch(() => 'password')).toBe('password')
    await fill({ password: PASSWORD })
    expect((await arrive(() => page.click('main form:not([hidden]) button'))).user.email).toBe(email)
    // Back again: the same two fields, and in.
    await context.clearCookies()
    key = proofKey()
    await open()
    await fill({ email, password: PASSWORD })
    expect((await arrive(() => page.click('button[value=password]'))).user.email).toBe(email)
  }, 30_000)

  test('an address that has to be confirmed: the code from the mail, pasted', async () => {
    const email = unique('confirm')
    await open('sign-up', confirming)
    await fill({ email, password: PASSWORD })
    await page.click('main form button')
    const mail = await fixture.resend.waitForMail(({ to, subject }) => to.includes(email) && /Confirm/.test(subject))
    expect(await fields()).toEqual([{ name: 'code', id: 'code', type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric' }])
    await fill({ code: ` ${/^ {4}(\d{6})$/m.exec(mail.text)![1]!} ` })
    expect((await arrive(() => page.click('main form button'), confirming)).user.email).toBe(email)
  }, 30_000)

  test('a passkey: made on the account page, and then all that is asked for', async () => {
    const devTools = await context.newCDPSession(page)
    await devTools.send('WebAuthn.enable')
    await devTools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    const email = unique('passkey')
    await page.goto(`${base}/sign-up`)
    await fill({ email, password: PASSWORD })
    await Promise.all([page.waitForURL(/\/account/), page.click('main form:not([hidden]) button')])
    await page.locator('form[data-make] button').click()
    await page.getByText('Keep your recovery codes').waitFor()
    await page.click('main a.button')
    await Promise.all([page.waitForURL(/\/signed-out/), page.click('button[value=sign_out]')])
    await context.clearCookies()
    // The page asks by itself in the autofill; the button does it where nothing is picked there.
    const { user, access_token: token } = await arrive(async () => {
      await open()
      await page.locator('form[data-auto] button').click({ timeout: 3_000 }).catch(() => undefined)
    })
    expect(user.email).toBe(email)
    expect(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).amr).toContain('hwk')
  }, 30_000)

  test('a second factor: the code of an app after the password', async () => {
    const { email, accessToken: token } = await signUp(base)
    const { body: started } = await call(`${base}/factors`, { token, body: { type: 'totp' } })
    await call(`${base}/factors/${started.factor_id}/verify`, { token, body: { code: codeAt(started.otpauth_uri, new Date()) } })
    await open()
    await fill({ email, password: PASSWORD })
    await page.click('button[value=password]')
    expect(await fields()).toEqual([{ name: 'code', id: 'code', type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric' }])
    await fill({ code: codeAt(started.otpauth_uri, new Date(Date.now() + 30_000)) })
    expect((await arrive(() => page.click('main form:not([hidden]) button'))).user.email).toBe(email)
  }, 30_000)

  test('a provider, there and back', async () => {
    const email = unique('provider')
    idp.account = { sub: 'walk-1', email, email_verified: true }
    await open()
    await page.click('a[href*="/sign-in/oidc"]')
    expect((await arrive(() => page.getByRole('button', { name: 'Continue as walk-1' }).click())).user.email).toBe(email)
  }, 30_000)

  test('where scripts are off a passkey is not offered, and no «or» stands beside nothing', async () => {
    const { base: own } = await fixture.project(['email', 'passkey'], { site_url: new URL(callback).origin, redirect_urls: [callback] })
    const offered = async (javaScriptEnabled: boolean) => {
      await context?.close()
      await begin(javaScriptEnabled)
      await open('sign-in', own)
      return [await page.locator('main form:visible').count(), await page.locator('.or:visible').count()]
    }
    expect(await offered(true)).toEqual([2, 1])
    expect(await offered(false)).toEqual([1, 0])
  })

  test('a double press sends a form once', async () => {
    const { email } = await signUp(base)
    await open()
    await fill({ email, password: PASSWORD })
    let sent = 0
    page.on('request', (request) => void (request.method() === 'POST' && request.url().includes('/sign-in') && (sent += 1)))
    expect((await arrive(() => page.dblclick('button[value=password]', { noWaitAfter: true }))).user.email).toBe(email)
    expect(sent).toBe(1)
  }, 30_000)
})
