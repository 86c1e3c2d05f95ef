import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, findings, launchChromium, openWatched } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'

const OWNER = { email: 'owner@example.com', password: 'a long enough sentence 7' }

describe.skipIf(!CHROMIUM)('who may open the console', () => {
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

  test('from open to sign-in with one button: the first owner, a member, out, and in again by the sign-in page', async () => {
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    // The sign-in page is the data plane's, at an origin of its own.
    await context.unrouteAll()
    await page.goto(`${stage.origin}/console/projects`)
    await page.getByRole('link', { name: 'Turn sign-in on' }).click()
    await page.getByLabel('Email address of the first owner').fill(OWNER.email)
    await page.getByLabel('A new password').fill(OWNER.password)
    await page.getByRole('button', { name: 'Turn sign-in on' }).click()
    await page.getByText('Sign-in is on', { exact: true }).waitFor()
    expect(await page.getByText('whoever reaches this address is an owner', { exact: false }).count()).toBe(0)

    await page.getByRole('link', { name: 'Team' }).click()
    await page.getByRole('table', { name: 'Members' }).getByText(OWNER.email).waitFor()
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.getByRole('dialog').getByLabel('Email address').fill('grace@example.com')
    await page.getByRole('dialog').getByLabel('Role').selectOption('viewer')
    expect(await findings(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
    await page.getByRole('table', { name: 'Members' }).getByText('grace@example.com').waitFor()

    await page.getByRole('button', { name: /^owner@example.com owner$/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in to Portico' }).waitFor()
    expect(await findings(page)).toEqual([])
    const refused = await context.request.get(`${stage.origin}/api/v1/projects`)
    expect(refused.status()).toBe(401)

    await page.goto(`${stage.origin}/console/team`)
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.getByLabel('Email address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByRole('button', { name: /^Sign in$/ }).click()
    // Where the reader wanted to be.
    await page.getByRole('table', { name: 'Members' }).getByText(OWNER.email).waitFor()
    expect(new URL(page.url()).pathname).toBe('/console/team')
    await context.close()
  })
})
