import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, findings, launchChromium, openWatched } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'

/** Every page, with a heading by which it is known to have come. */
const PAGES: readonly (readonly [path: string, heading: string | RegExp])[] = [
  ['', 'Home'],
  ['/?range=30d', 'Home'],
  ['/projects', 'Projects'],
  ['/audit', 'Audit'],
  ['/inbox', 'Inbox'],
  ['/team', 'Team'],
  ['/api-keys', 'API keys'],
  ['/settings', 'Settings'],
  ['/projects/:project', 'Blue Bakery'],
  ['/projects/:project/people', 'People'],
  ['/projects/:project/people/:person', 'ada@example.com'],
  ['/projects/:project/sign-in', 'Sign-in'],
  ['/projects/:project/providers', 'Providers'],
  ['/projects/:project/keys', 'Keys'],
  ['/projects/:project/instances', 'Instances'],
  ['/projects/:project/domains', 'Domains'],
  ['/projects/:project/audit', 'Audit'],
  ['/projects/:bare', 'Empty Room'],
  ['/projects/:bare/people', 'People'],
  ['/projects/:bare/keys', 'Keys'],
  ['/projects/proj_00000000-0000-4000-8000-000000000000', 'Project'],
  ['/nowhere', 'There is no such page'],
]

describe.skipIf(!CHROMIUM)('every page of the console', () => {
  let stage: ConsoleStage
  let browser: Browser
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    stage = await startConsoleStage()
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Blue Bakery', external_project_id: 'app_1' })
    const { auth_url: authUrl } = await stage.api<{ auth_url: string }>('POST', `projects/${id}/auth`, {
      site_url: 'https://bakery.example',
      providers: ['email', 'magic_link'],
    })
    await stage.signUp(authUrl, 'ada@example.com')
    await stage.api('POST', `projects/${id}/users/invite`, { email: 'grace@example.com' })
    await stage.api('POST', `projects/${id}/instances`, { name: 'web-1', metadata: { region: 'fra' } })
    await stage.api('POST', `projects/${id}/domains`, { hostname: 'auth.bakery.example' })
    await stage.api('POST', `projects/${id}/auth/secret/rotate`)
    const [ada] = await stage.api<{ id: string }[]>('GET', `projects/${id}/users?search=ada@`)
    ids['project'] = id
    ids['person'] = ada?.id ?? ''
    ids['bare'] = (await stage.api<{ id: string }>('POST', 'projects', { name: 'Empty Room' })).id
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })
  const addressOf = (path: string) => `${stage.origin}/console${path.replaceAll(/:(\w+)/g, (_all, name: string) => ids[name] ?? name)}`

  test.each([1280, 390])(
    'at %i px: nothing serious for axe in light and dark, nothing wider than the screen, no refusal by its own policy, no other host',
    async (width) => {
      const { page, context, problems } = await openWatched(browser, stage.origin, { width })
      const found: string[] = []
      for (const [path, heading] of PAGES) {
        await page.emulateMedia({ colorScheme: 'light' })
        await page.goto(addressOf(path))
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
        await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0)
        found.push(...(await findings(page)).map((finding) => `${path}: ${finding}`))
        await page.emulateMedia({ colorScheme: 'dark' })
        // Chromium repaints some elements later than others: what stays is a finding, what one look met half way is none.
        let dark = await findings(page, ['color-contrast'])
        for (let look = 0; dark.length > 0 && look < 3; look++) {
          await page.waitForTimeout(500)
          dark = await findings(page, ['color-contrast'])
        }
        found.push(...dark.map((finding) => `${path}, dark: ${finding}`))
      }
      expect(found).toEqual([])
      // A project that is not there is answered 404, which the browser writes down.
      expect(problems.filter((problem) => !/status of 404|execute 'postMessage'/.test(problem))).toEqual([])
      await context.close()
    },
  )

  test('the palette finds a page, a project and a person with the keyboard alone', async () => {
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(addressOf('/projects'))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.type('blue')
    await page.getByRole('option', { name: /Blue Bakery/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Blue Bakery' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('ada@')
    await page.getByRole('option', { name: 'ada@example.com' }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'ada@example.com' }).waitFor()
    await context.close()
  })
})
