import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Portico } from '../../libs/sdk-js/portico.js'
import { type RunningProduct, startProduct } from '../support/running-product.js'
import { run } from './built-sdks.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const PASSWORD = 'correct horse battery 9!'

declare global {
  // What the page's scripts leave for the test.
  var auth: import('../../libs/sdk-app/auth-client.js').AuthClient
  var events: string[]
}

describe.skipIf(!CHROMIUM)('the script in a real browser, against the running product', () => {
  let product: RunningProduct
  let portico: Portico
  let browser: Browser
  let pages: Server
  let origin: string
  let context: BrowserContext
  let people = 0

  beforeAll(async () => {
    expect(await run(process.execPath, ['scripts/build-sdk.mjs', 'sdk-app'])).toMatchObject({ code: 0 })
    // Cookies with Secure are kept on http://localhost, not on an address.
    product = await startProduct({ dataPlaneHost: 'localhost' })
    portico = new Portico({ apiKey: product.key, baseUrl: product.controlUrl })
    pages = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>App</title>')
    })
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
    origin = `http://localhost:${(pages.address() as AddressInfo).port}`
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
  afterEach(() => context.close())
  afterAll(async () => {
    await browser.close()
    pages.close()
    await product.stop()
  })

  async function enabled(settings: Parameters<Portico['projects']['auth']['enable']>[1]): Promise<string> {
    const project = await portico.projects.create({ name: 'Page' })
    return (await portico.projects.auth.enable(project.id, settings)).authUrl ?? ''
  }

  /** A page with the script loaded from its AUTH_URL, as the README shows; `refreshes` counts the tab's own requests. */
  async function openTab(authUrl: string, options = '{}', client?: string): Promise<{ page: Page; refreshes: () => number }> {
    const script = `${authUrl}/sdk/portico-auth.js`
    const page = await context.newPage()
    let refreshes = 0
    page.on('request', (request) => void (request.method() === 'POST' && request.url().endsWith('/refresh') && refreshes++))
    await page.addInitScript(client ?? '')
    await page.goto(origin)
    await load(page, script, options)
    return { page, refreshes: () => refreshes }
  }

  async function load(page: Page, script: string, options: string): Promise<void> {
    await page.addScriptTag({ url: script })
    await page.evaluate(`auth = PorticoAuth.createAuthClient(${options}); events = []; auth.onAuthStateChange((event) => event === 'INITIAL_SESSION' || events.push(event))`)
  }

  const signUp = (page: Page) =>
    page.evaluate(([email, password]) => auth.signUp({ email, password }).then((result) => result.user?.email), [
      `page${++people}@example.com`,
      PASSWORD,
    ] as const)
  const tokenOf = (page: Page) => page.evaluate(() => auth.getSession().then((session) => session?.accessToken ?? null))
  const events = (page: Page) => page.evaluate(() => events)
  const expire = (page: Page) =>
    page.evaluate(`for (const [key, value] of Object.entries(localStorage)) {
      if (key.startsWith('portico.auth:')) localStorage.setItem(key, JSON.stringify({ ...JSON.parse(value), localExpiry: Date.now() }))
    }`)

  const stored = (page: Page) => page.evaluate<string>('JSON.stringify(Object.entries(localStorage).sort())')
  /** Tabs are processes, and each learns of the storage in its own time. */
  const everyTabSees = async (tabs: readonly { page: Page }[], state: string) => {
    for (const { page } of tabs) await expect.poll(() => stored(page)).toBe(state)
  }

  test.each([
    ['with Web Locks', undefined],
    ['with the lease in localStorage', `Object.defineProperty(navigator, 'locks', { value: undefined })`],
  ])('tabs share a session, do not refresh it each, and sign out together, %s', async (_what, init) => {
    context = await browser.newContext()
    const authUrl = await enabled({ allowSignups: true })
    const tabs = [
      await openTab(authUrl, '{ autoRefresh: false }', init),
      await openTab(authUrl, '{ autoRefresh: false }', init),
      await openTab(authUrl, '{ autoRefresh: false }', init),
    ]
    const [first, second] = [tabs[0]!.page, tabs[1]!.page]
    expect(await signUp(first)).toMatch(/^page\d+@/)
    await expect.poll(() => events(second)).toEqual(['SIGNED_IN'])
    const before = await tokenOf(second)
    await expire(first)
    await everyTabSees(tabs, await stored(first))
    const after = await Promise.all(tabs.map(({ page }) => tokenOf(page)))
    expect(new Set(after).size).toBe(1)
    expect(after[0]).not.toBe(before)
    // What one tab has written another process of the browser may read a moment later: then it asks too, and gets the same child.
    expect(tabs.reduce((sum, tab) => sum + tab.refreshes(), 0)).toBeLessThan(tabs.length)
    await expect.poll(() => events(second)).toContain('TOKEN_REFRESHED')
    await first.evaluate(() => auth.logOut())
    await expect.poll(() => events(second)).toContain('SIGNED_OUT')
    expect(await tokenOf(second)).toBeNull()
  })

  test('an offline browser keeps the session, and refreshes when it is back', async () => {
    context = await browser.newContext()
    const { page } = await openTab(await enabled({ allowSignups: true }))
    await signUp(page)
    const before = await tokenOf(page)
    await context.setOffline(true)
    await expire(page)
    expect(await tokenOf(page)).toBe(before)
    expect(await page.evaluate(() => auth.getUser().catch((error: { code: string }) => error.code))).toBe('network_error')
    await context.setOffline(false)
    await expect.poll(() => events(page), { timeout: 10_000 }).toContain('TOKEN_REFRESHED')
    expect(await page.evaluate(() => auth.getUser().then((user) => user.email))).toMatch(/^page\d+@/)
  })

  test('cookie mode: no script sees the refresh token, a reload stays signed in, a log-out ends it in every tab', async () => {
    context = await browser.newContext()
    const authUrl = await enabled({ allowSignups: true, refreshTokenTransport: 'cookie', allowedOrigins: [origin] })
    const options = `{ credentials: 'include' }`
    const { page, refreshes } = await openTab(authUrl, options)
    expect(await tokenOf(page)).toBeNull()
    await signUp(page)
    // The proof key of the sign-up waits for the mailed link, and opens nothing without it.
    expect(await page.evaluate('[document.cookie, ...Object.keys(localStorage)]')).toEqual(['', `portico.auth:${authUrl}.flows`])
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toMatch(/token|eyJ/i)
    await page.reload()
    await load(page, `${authUrl}/sdk/portico-auth.js`, options)
    expect(await tokenOf(page)).toMatch(/^ey/)
    expect(refreshes()).toBe(2)
    const other = (await openTab(authUrl, options)).page
    expect(await tokenOf(other)).toMatch(/^ey/)
    await page.evaluate(() => auth.logOut())
    await expect.poll(() => events(other)).toContain('SIGNED_OUT')
    expect(await tokenOf(other)).toBeNull()
    // That the password was once shown here stays known; it opens nothing.
    expect((await context.cookies(authUrl)).map(({ name }) => name)).toEqual(['portico-device'])
  })

  test.each([
    ['with Web Locks', undefined],
    ['with the lease in localStorage', `Object.defineProperty(navigator, 'locks', { value: undefined })`],
  ])('two tabs that refresh at the same moment hold the same session, round after round, and rarely ask twice, %s', async (_what, init) => {
    context = await browser.newContext()
    const authUrl = await enabled({ allowSignups: true })
    const tabs = [await openTab(authUrl, '{ autoRefresh: false }', init), await openTab(authUrl, '{ autoRefresh: false }', init)]
    const [first, second] = [tabs[0]!.page, tabs[1]!.page]
    await signUp(first)
    await expect.poll(() => events(second)).toEqual(['SIGNED_IN'])
    for (let round = 1; round <= 5; round++) {
      await expire(first)
      await everyTabSees(tabs, await stored(first))
      // By the clock of the machine, which both tabs have: neither is sooner because its message came sooner.
      const at = Date.now() + 200
      const same = (page: Page) =>
        page.evaluate(async (moment) => {
          while (Date.now() < moment);
          return (await auth.getSession())?.accessToken
        }, at)
      const [one, other] = await Promise.all([same(first), same(second)])
      // Where both asked, each has an access token of its own, of the same session and the same child.
      expect(sessionOf(one)).toBe(sessionOf(other))
      expect(one).toMatch(/^ey/)
    }
    // What one tab has written another process of the browser may read a moment later: then it asks too, and gets the same child.
    const asked = tabs.reduce((sum, tab) => sum + tab.refreshes(), 0)
    expect(asked).toBeGreaterThanOrEqual(5)
    expect(asked).toBeLessThan(10)
    expect(await events(first)).not.toContain('SIGNED_OUT')
    expect(await first.evaluate(() => auth.verify().then(({ valid }) => valid))).toBe(true)
  })

  test('a tab that slept past the end of its token renews before it serves one, and hears what the other tab did meanwhile', async () => {
    context = await browser.newContext()
    const authUrl = await enabled({ allowSignups: true })
    const { page: asleep, refreshes } = await openTab(authUrl, '{ autoRefresh: true }')
    const { page: awake } = await openTab(authUrl, '{ autoRefresh: false }')
    await signUp(asleep)
    const before = await tokenOf(asleep)
    await asleep.clock.install()
    // The lid was closed: timers did not run, and the clock of the wall is two hours on.
    await asleep.clock.pauseAt(Date.now() + 2 * 3_600_000)
    expect(await tokenOf(asleep)).not.toBe(before)
    expect(refreshes()).toBe(1)
    // It sleeps again, the other tab refreshes twice and goes on: the sleeper must not present the token of before.
    for (let round = 0; round < 2; round++) {
      await expire(awake)
      await tokenOf(awake)
    }
    expect(await tokenOf(asleep)).toBe(await tokenOf(awake))
    expect(await asleep.evaluate(() => auth.getUser().then((user) => user.email))).toMatch(/^page\d+@/)
    await awake.evaluate(() => auth.logOut())
    await expect.poll(() => tokenOf(asleep)).toBeNull()
  })

  test.each([
    ['throws at every use', `for (const name of ['getItem', 'setItem', 'removeItem', 'key']) Storage.prototype[name] = () => { throw new DOMException('blocked', 'SecurityError') }`],
    ['cannot even be named', `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError') } })`],
    ['is full', `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }`],
    ['is missing', `Object.defineProperty(window, 'localStorage', { value: undefined })`],
  ])('storage that %s: the session lives as long as the page', async (_what, init) => {
    context = await browser.newContext()
    const { page, refreshes } = await openTab(await enabled({ allowSignups: true }), '{ autoRefresh: false }', init)
    const failures: string[] = []
    page.on('pageerror', (error) => failures.push(error.message))
    expect(await signUp(page)).toMatch(/^page\d+@/)
    const before = await tokenOf(page)
    expect(before).toMatch(/^ey/)
    expect(await page.evaluate(() => auth.refreshSession().then((session) => session?.accessToken))).not.toBe(before)
    expect(refreshes()).toBe(1)
    expect(await page.evaluate(() => auth.getUser().then((user) => user.email))).toMatch(/^page\d+@/)
    await page.evaluate(() => auth.logOut())
    expect(await tokenOf(page)).toBeNull()
    expect(failures).toEqual([])
  })
})

function sessionOf(accessToken: string | undefined): unknown {
  return (JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString()) as { sid: unknown }).sid
}
