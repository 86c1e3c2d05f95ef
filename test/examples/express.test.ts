import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testCommandLine, type TestCommandLine } from '../cli/run-portico.js'
import { freePort } from '../support/redis-server.js'
import { startProduct, type RunningProduct } from '../support/running-product.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const FOLDER = fileURLToPath(new URL('../../examples/express', import.meta.url))

describe.skipIf(!CHROMIUM)(`the guest book in a real browser${CHROMIUM ? '' : ' (skipped: no chromium on this machine)'}`, () => {
  let product: RunningProduct
  let cli: TestCommandLine
  let app: ChildProcess
  let browser: Browser
  let url: string
  let output = ''

  beforeAll(async () => {
    product = await startProduct({ dataPlaneHost: 'localhost' })
    cli = await testCommandLine({ PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key })
    const port = await freePort()
    url = `http://localhost:${port}`
    // As the README says it, but for the port, and so that a signal reaches the app and not the shell.
    const script = /```sh runs\n([\s\S]*?)```/.exec(readFileSync(`${FOLDER}/README.md`, 'utf8'))![1]!
      .replace('PORT=3000', `PORT=${port}`)
      .replace('portico run', 'exec portico run')
    app = cli.startScript(script, { cwd: FOLDER })
    await new Promise<void>((done, fail) => {
      app.once('exit', () => fail(new Error(`the app ended: ${output}`)))
      for (const stream of [app.stdout, app.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text
          if (output.includes(`Guest book: ${url}`)) done()
        })
      }
    })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    if (app && app.exitCode === null) {
      const ended = new Promise((done) => app.once('exit', done))
      app.kill('SIGTERM')
      await ended
    }
    cli?.remove()
    await product?.stop()
  }, 60_000)

  test.each([true, false])('from a protected page through the hosted pages and back, scripts %s', async (javaScriptEnabled) => {
    const context = await browser.newContext({ javaScriptEnabled })
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    const email = `guest.${javaScriptEnabled}@example.com`
    await page.goto(`${url}/write`)
    expect(new URL(page.url()).pathname).toMatch(/\/sign-in$/)
    await page.click('a[href*="/sign-up"]')
    await page.fill('input[name=email]', email)
    await page.fill('input[name=password]', 'correct horse battery 9!')
    await Promise.all([page.waitForURL(`${url}/write`), page.click('main form button')])
    await page.fill('input[name=text]', '<b>bold</b>')
    await Promise.all([page.waitForURL(`${url}/`), page.click('button')])
    expect(await page.locator('li').first().textContent()).toBe(`<b>bold</b> ${email}`)
    // The session is out of reach of scripts, and of no use to who reads it.
    const cookies = (await context.cookies(url)).filter(({ name }) => name.startsWith('portico-session'))
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Lax', path: '/' })])
    expect(cookies[0]!.value).not.toContain('eyJ')
    await Promise.all([page.waitForURL(`${url}/`), page.click('form[action="/auth/sign-out"] button')])
    await page.getByText('Sign in', { exact: true }).waitFor()
    await page.goto(`${url}/write`)
    expect(new URL(page.url()).pathname).toMatch(/\/sign-in$/)
    await context.close()
  }, 60_000)
})
