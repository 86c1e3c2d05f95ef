import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'
import { addAuthenticator } from '../support/virtual-authenticator.js'

const OWNER = { email: 'owner@example.com', password: 'a long enough sentence 7' }

// Under the names that `npm start` gives both planes: at 127.0.0.1 no browser makes a passkey (WebAuthn, 5.1.2).
describe.skipIf(!CHROMIUM)('a passkey opens the console', () => {
  let browser: Browser
  let stage: ConsoleStage
  beforeAll(async () => {
    browser = await launchChromium()
    stage = await startConsoleStage()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  test('made on the account page of the console’s project, it signs its owner in without a password', { timeout: 60_000 }, async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await addAuthenticator(await context.newCDPSession(page))
    const signIn = `${stage.origin}/api/v1/console/sign-in?next=/console/team`
    const made = await context.request.post(`${stage.origin}/api/v1/console/setup`, { data: OWNER, headers: { origin: stage.origin } })
    expect(made.status()).toBe(201)

    await page.goto(signIn)
    const [authUrl = ''] = page.url().split('/sign-in')
    expect(new URL(authUrl).hostname).toBe('localhost')
    await page.getByLabel('Email address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByRole('button', { name: /^Sign in$/ }).click()
    await page.waitForURL(`${stage.origin}/console/team`)

    await page.goto(`${authUrl}/account`)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('No passkey yet.').waitFor({ state: 'detached' })

    await context.clearCookies()
    expect((await context.request.get(`${stage.origin}/api/v1/me`)).status()).toBe(401)
    await page.goto(signIn)
    // The page offers it in the autofill of its field, which this authenticator takes at once; the button does the same.
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click({ timeout: 2_000 }).catch(() => undefined)
    await page.waitForURL(`${stage.origin}/console/team`)
    const me = (await (await context.request.get(`${stage.origin}/api/v1/me`)).json()) as { data: { user: { email: string }; role: string } }
    expect(me.data).toMatchObject({ user: { email: OWNER.email }, role: 'owner' })
    await context.close()
  })
})
