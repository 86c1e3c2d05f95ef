import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MovableClock } from '@portico/kernel/clock'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BrowserClient } from '../support/browser-client.js'
import { freePort } from '../support/redis-server.js'
import { startSignInFixture, type SignInFixture } from '../support/sign-in-fixture.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
/**
 * A folder in which npm installed `next`, `react` and `react-dom`: 340 MB, so they are no part of this repository. Without it the runner
 * leaves this file out (vitest.config.ts) and says so.
 */
const NEXT = process.env['PORTICO_NEXT_FOLDER'] ?? ''
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

// The same handlers are tried without Next.js in test/sdk/cookie-sessions.test.ts.
describe.skipIf(!CHROMIUM)(`the notes in Next.js${CHROMIUM ? '' : ' (skipped: no chromium on this machine)'}`, () => {
  const clock = new MovableClock()
  let fixture: SignInFixture
  let browser: Browser
  let app: ChildProcess
  let folder: string
  let url: string

  beforeAll(async () => {
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost', clock })
    clock.advanceSeconds(-45)
    const port = await freePort()
    url = `http://localhost:${port}`
    const { base, id } = await fixture.project(['email'], { redirect_urls: [`${url}/auth/callback`], access_token_ttl_seconds: 60 })
    const { body } = await fixture.control.call('POST', `projects/${id}/instances`, {})
    // Inside it, so that the packages are found without being copied: its lockfile makes it the root for Next.js.
    folder = await mkdtemp(join(NEXT, 'notes-'))
    await cp(join(ROOT, 'examples/next'), folder, { recursive: true })
    await cp(join(ROOT, 'libs/sdk-app'), join(folder, 'node_modules/@portico/auth'), { recursive: true })
    const env = { ...process.env, NODE_ENV: 'production', APP_URL: url, PORTICO_COOKIE_SECRET: 'n'.repeat(32), ...body.data.env, NEXT_TELEMETRY_DISABLED: '1' }
    expect(env.AUTH_URL).toBe(base)
    const next = (...args: string[]) =>
      spawn(process.execPath, [join(NEXT, 'node_modules/next/dist/bin/next'), ...args], { cwd: folder, env, stdio: 'pipe' })
    let output = ''
    const built = next('build')
    for (const stream of [built.stdout, built.stderr]) stream.on('data', (text) => (output += String(text)))
    expect(await new Promise((done) => built.once('exit', done)), output).toBe(0)
    app = next('start', '-p', String(port))
    for (const stream of [app.stdout!, app.stderr!]) stream.on('data', (text) => (output += String(text)))
    await vi.waitFor(async () => expect((await fetch(url)).status, output).toBe(200), { timeout: 60_000, interval: 200 })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    app?.kill()
    await fixture?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  }, 60_000)

  test('a protected page, a server action, a renewal seen by the page that it was made for, and out again', async () => {
    const context = await browser.newContext()
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    await page.goto(`${url}/notes`)
    expect(new URL(page.url()).pathname).toMatch(/\/sign-in$/)
    await page.click('a[href*="/sign-up"]')
    await page.fill('input[name=email]', 'noter@example.com')
    await page.fill('input[name=password]', 'correct horse battery 9!')
    await Promise.all([page.waitForURL(`${url}/notes`), page.click('main form button')])
    expect(await page.locator('h1').textContent()).toBe('Notes of noter@example.com')
    await page.fill('input[name=text]', 'bake <b>bread</b>')
    await page.click('main form button')
    await page.getByText('bake <b>bread</b>').waitFor()
    await page.goto(url)
    expect(await page.locator('p').textContent()).toContain('noter@example.com')
    const cookie = async () => (await context.cookies(url)).find(({ name }) => name === 'portico-session')!
    const kept = await cookie()
    expect(kept).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    // A minute that began 45 s ago is due after four fifths of it, in 3 s: the next page comes with the new one.
    await expect.poll(async () => {
      await page.goto(`${url}/notes`)
      return (await cookie()).value !== kept.value
    }, { timeout: 30_000, interval: 1_000 }).toBe(true)
    expect(await page.locator('h1').textContent()).toBe('Notes of noter@example.com')
    // A server action of another site's form, with the cookie: refused before Next.js sees it.
    const forged = await new BrowserClient().open(`${url}/notes`, {
      form: { text: 'x' },
      headers: { cookie: `portico-session=${(await cookie()).value}`, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    })
    expect(forged.status).toBe(403)
    await page.goto(url)
    await Promise.all([page.waitForURL(`${url}/`), page.click('form button')])
    await page.getByText('Sign in').waitFor()
    await page.goto(`${url}/notes`)
    expect(new URL(page.url()).pathname).toMatch(/\/sign-in$/)
  }, 120_000)
})

