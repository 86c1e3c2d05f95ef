import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import { proofKey, startSignInFixture, startUrl, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const PROVIDER = 'oidc:acme'

/** An app as a tutorial would have it: makes a verifier, keeps it in the tab, and redeems the code it gets back. */
const appPage = (base: string) => `<!doctype html><title>app</title><button id="go">Sign in</button><p id="who"></p><script>
const base = ${JSON.stringify(base)}, here = location.origin + '/callback'
const url64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
async function proofKey() {
  const verifier = url64(crypto.getRandomValues(new Uint8Array(32)))
  sessionStorage.verifier = verifier
  return url64(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)))
}
document.querySelector('#go').onclick = async () => {
  location.href = base + '/oauth/${PROVIDER}/start?' + new URLSearchParams({ redirect_to: here, code_challenge: await proofKey(), code_challenge_method: 'S256' })
}
const query = new URLSearchParams(location.search)
const show = (text) => { document.querySelector('#who').textContent = text }
if (query.get('error')) show('error ' + query.get('error'))
if (query.get('code')) fetch(base + '/token/exchange', { method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code: query.get('code'), code_verifier: sessionStorage.verifier ?? 'v'.repeat(43) }) })
  .then(async (answer) => show(answer.ok ? 'signed in as ' + (await answer.json()).user.email : 'refused ' + answer.status))
</script>`

describe.skipIf(!CHROMIUM)('in a real browser', () => {
  let fixture: SignInFixture
  let idp: OidcServer
  let app: Server
  let origin: string
  let base: string
  let uuid: string
  let browser: Browser
  let context: BrowserContext

  beforeAll(async () => {
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost' })
    app = createServer(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/html', 'referrer-policy': 'no-referrer' }).end(appPage(base)),
    )
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done))
    origin = `http://localhost:${(app.address() as AddressInfo).port}`
    const project = await fixture.project([PROVIDER, 'magic_link'], { redirect_urls: [`${origin}/callback`] })
    ;({ base, uuid } = project)
    idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
    await fixture.control.call('PUT', `projects/${project.id}/auth/providers/${PROVIDER}`, {
      client_id: idp.clientId,
      client_secret: idp.clientSecret,
      issuer: idp.issuer,
    })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    await browser?.close()
    app?.close()
    await idp?.close()
    await fixture?.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(() => context.close())

  test('the app sends its user to the provider and gets a session back', async () => {
    const email = unique('chrome')
    idp.account = { sub: 'chrome-1', email, email_verified: true }
    const page = await context.newPage()
    const seen: string[] = []
    page.on('request', (request) => void seen.push(request.url()))
    await page.goto(origin)
    await page.click('#go')
    await page.getByRole('button', { name: 'Continue as chrome-1' }).click()
    await page.getByText(`signed in as ${email}`).waitFor()
    expect(new URL(page.url()).pathname).toBe('/callback')
    expect(seen.join('\n')).not.toMatch(/access_token|refresh_token|ey[\w-]{20,}\./)
    expect((await context.cookies(base)).filter((cookie) => cookie.name.includes('flow'))).toEqual([])
  })

  test('a callback that another browser began ends on our page, and a code that another tab asked for is refused', async () => {
    idp.account = { sub: 'chrome-2', email: unique(), email_verified: true }
    const key = proofKey()
    const start = startUrl(base, PROVIDER, key, { redirect_to: `${origin}/callback` })
    const callback = await new BrowserClient().travel(start, (url) => url.pathname.endsWith('/oidc:acme/callback'))
    const victim = await context.newPage()
    await victim.goto(callback.href)
    expect(await victim.textContent('h1')).toBe('This did not work')
    const code = (await new BrowserClient().travel(start, (url) => url.origin === origin)).searchParams.get('code')
    await victim.goto(`${origin}/callback?code=${code}`)
    await victim.getByText('refused 400').waitFor()
  })

  test('a mailed link: scripts that submit the form spend nothing, a person who clicks signs in', async () => {
    const email = unique('chrome')
    const page = await context.newPage()
    await page.goto(origin)
    const challenge = await page.evaluate(() => (globalThis as unknown as { proofKey: () => Promise<string> }).proofKey())
    await fetch(`${base}/magic-link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, redirect_to: `${origin}/callback`, code_challenge: challenge, code_challenge_method: 'S256' }),
    })
    const link = await fixture.mailedLink(email, /Sign in/)
    const scanner = await (await browser.newContext()).newPage()
    await scanner.addInitScript(`addEventListener('load', () => {
      if (sessionStorage.getItem('sent') !== null) return
      sessionStorage.setItem('sent', 'yes')
      document.querySelector('form')?.submit()
    })`)
    await scanner.goto(link.href)
    await scanner.waitForURL((url) => url.pathname.endsWith('/mail/magic_link') && url.search === '')
    expect(await scanner.textContent('h1')).toBe('Sign in')
    await scanner.context().close()
    expect((await fixture.audit(uuid, 'link.opened_by_scanner')).map((row) => row.metadata['reason'])).toContain('no_person')
    await page.goto(link.href)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(`signed in as ${email}`).waitFor()
  })
})
