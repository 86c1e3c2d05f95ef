import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'
import { settled } from './every-page.js'
import { everyAddress } from './page-table.js'
import { sampleOf } from './sample.js'

const READING = ['projects:read', 'auth:read', 'users:read', 'audit:read', 'stats.read', 'webhooks.read', 'team.read']
/** What a reader may do with a page without changing anything for anybody. */
const HARMLESS = /^(Copy|Menu|Search|Sign out|Columns|Export)/

/** A viewer: whatever they press, nothing changes. */
export function whoOnlyReads(stand: Stand): void {
  test('who may only read is let in by a key, sees every page, and no button of any page sends anything', async () => {
    const { stage, browser } = stand
    const sample = await sampleOf(stage)
    const { key } = await stage.api<{ key: string }>('POST', 'api-keys', { name: 'A reader', scopes: READING })
    const origin = await stage.beside({ PORTICO_CONSOLE_ACCESS: 'token' })
    const { page, context } = await openWatched(browser, origin, { width: 1280, also: [stage.dataPlane] })
    await page.goto(`${origin}/console`)
    // Before the key: counts, and nobody's name.
    await page.getByRole('heading', { name: 'Open with an API key' }).waitFor()
    expect(await page.content()).not.toContain('Blue Bakery')
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Open the console' }).click()
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()

    const addresses = (await everyAddress(sample)).map((address) => `${origin}/console${address}`)
    // Two pages at once, both let in by that key: each has every second address.
    const pages = [page, await context.newPage()]
    const counts = await Promise.all(pages.map((one, rest) => pressOnEach(one, addresses.filter((_address, at) => at % 2 === rest))))
    const pressed = counts.reduce((sum, count) => sum + count, 0)
    expect(pressed).toBeGreaterThan(100)
    await context.close()
  })
}

/** Goes to each address and presses what is there; answers how many buttons there were, and fails at the first that sends anything. */
async function pressOnEach(page: Page, addresses: readonly string[]): Promise<number> {
  const sent: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    // What something would look like is asked for by POST, and changes nothing.
    if (request.method() !== 'GET' && !pathname.endsWith('/preview')) sent.push(`${request.method()} ${pathname}`)
  })
  let pressed = 0
  for (const address of addresses) {
    await page.goto(address)
    await settled(page)
    pressed += await pressEverything(page)
    expect([address, sent]).toEqual([address, []])
  }
  return pressed
}

/**
 * Each button of the content, denied ones too, which stay in place and say why; in what one opens, the button that sends it. Answers how
 * many there were.
 */
function pressEverything(page: Page): Promise<number> {
  return page.evaluate(`(async () => {
    const harmless = ${HARMLESS}
    const soon = () => new Promise((on) => setTimeout(on, 30))
    let pressed = 0
    for (let at = 0; at < document.querySelectorAll('main button').length; at++) {
      const button = document.querySelectorAll('main button')[at]
      if (button.disabled || harmless.test(button.ariaLabel ?? button.textContent)) continue
      pressed += 1
      button.click()
      await soon()
      const dialog = document.querySelector('[role=dialog]')
      if (!dialog) continue
      dialog.querySelector('button[type=submit]')?.click()
      await soon()
      dialog.querySelector('[aria-label=Close]')?.click()
      await soon()
    }
    return pressed
  })()`)
}
