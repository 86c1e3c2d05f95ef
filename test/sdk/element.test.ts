import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signUp } from '../support/data-plane.js'
import { PASSWORD, startSignInFixture, type SignInFixture } from '../support/sign-in-fixture.js'
import { ROOT, run } from './built-sdks.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const DIST = join(ROOT, 'libs/sdk-app/dist')
const MOST_BYTES = 6 * 1_024

beforeAll(async () => {
  expect(await run(process.execPath, ['scripts/build-sdk.mjs', 'sdk-app'])).toMatchObject({ code: 0 })
})

test('<portico-sign-in> adds at most 6 KB to the client, packed as an app packs it', async () => {
  const sizeOf = async (entry: string) => {
    const lib = { entry: join(DIST, entry), formats: ['es' as const], fileName: 'packed' }
    const built = await build({ configFile: false, logLevel: 'silent', build: { write: false, minify: true, target: 'es2022', lib } })
    const [first] = [built].flat()
    if (!first || !('output' in first)) throw new Error('nothing was built')
    return gzipSync(first.output.map((part) => ('code' in part ? part.code : '')).join('')).length
  }
  expect((await sizeOf('element.js')) - (await sizeOf('auth-client.js'))).toBeLessThanOrEqual(MOST_BYTES)
}, 60_000)

describe.skipIf(!CHROMIUM)('<portico-sign-in> on a page', () => {
  let fixture: SignInFixture
  let pages: Server
  let origin: string
  let base: string
  let browser: Browser

  beforeAll(async () => {
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost' })
    pages = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x')
      const script = /^\/sdk\/([\w-]+\.js)$/.exec(pathname)?.[1]
      if (script !== undefined) return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(DIST, script)))
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><html lang="en"><title>App</title>
<script>for (const type of ['portico-session', 'portico-error']) addEventListener(type, ({ detail }) => {
  document.title = type
  document.querySelector('output').textContent = detail.user?.email ?? detail.code
})</script>
<script type="module" src="/sdk/element.js"></script>
<portico-sign-in url="${base}" redirect-to="${origin}/" locale="de">Los</portico-sign-in><output></output>`)
    })
    await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening))
    origin = `http://localhost:${(pages.address() as AddressInfo).port}`
    ;({ base } = await fixture.project(['email'], { site_url: origin, redirect_urls: [`${origin}/`] }))
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    pages?.close()
    await fixture?.close()
  })

  test('leads to the hosted page in its language, and says who came back', async () => {
    const { email } = await signUp(base)
    const page = await (await browser.newContext()).newPage()
    await page.goto(origin)
    await page.getByRole('button', { name: 'Los' }).click()
    await page.waitForURL(/\/sign-in\?/)
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    await page.fill('input[name=email]', email)
    await page.fill('input[name=password]', PASSWORD)
    await Promise.all([page.waitForURL((url) => url.origin === origin), page.click('button[value=password]')])
    await page.locator('output', { hasText: email }).waitFor()
    expect(await page.title()).toBe('portico-session')
    // The code is used up and gone from the address bar; a reload of the page asks for nothing.
    expect(page.url()).toBe(`${origin}/`)
    await page.reload()
    expect(await page.locator('output').textContent()).toBe('')
    await page.context().close()
  }, 30_000)

  test('says what went wrong: an answer that this browser did not ask for', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${origin}/?code=${'a'.repeat(43)}&state=portico.${'b'.repeat(43)}`)
    await page.locator('output', { hasText: 'flow_not_found' }).waitFor()
    expect(await page.title()).toBe('portico-error')
    await page.context().close()
  }, 30_000)
})
