import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findings, openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'
import { everyAddress } from './page-table.js'
import { sampleOf } from './sample.js'

const WIDE = 1280
/** Contrast is most of axe's work, and the colours are the same at any width: each scheme is judged once. */
const LOOKS: readonly (readonly [width: number, scheme: 'light' | 'dark', rules?: Parameters<typeof findings>[1]])[] = [
  [WIDE, 'light'],
  [WIDE, 'dark', ['color-contrast']],
  [390, 'light', { but: ['color-contrast'] }],
]

/** Every page that the router knows, as it looks and as it can be found. */
export function everyPage(stand: Stand): void {
  test('at 1280 and 390 px: nothing serious for axe in light and dark, nothing wider than the screen, no refusal by its own policy, no other host', async () => {
    const addresses = await everyAddress(await sampleOf(stand.stage))
    // Two browsers at once: each has every second address.
    const found = await Promise.all([0, 1].map((rest) => walk(stand, addresses.filter((_address, at) => at % 2 === rest))))
    expect(found.flat()).toEqual([])
  }, 180_000)

  test('the palette finds a page, a project and a person with the keyboard alone', async () => {
    await sampleOf(stand.stage)
    const { page, context } = await openWatched(stand.browser, stand.stage.origin, { width: 1280 })
    await page.goto(`${stand.stage.origin}/console/projects`)
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
}

async function walk({ stage, browser }: Stand, addresses: readonly string[]): Promise<string[]> {
  const { page, context, problems } = await openWatched(browser, stage.origin, { width: WIDE, also: [stage.dataPlane] })
  const found: string[] = []
  for (const address of addresses) {
    await page.goto(`${stage.origin}/console${address}`)
    await settled(page)
    for (const [width, colorScheme, rules] of LOOKS) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      found.push(...(await findings(page, rules)).map((finding) => `${address} at ${width}, ${colorScheme}: ${finding}`))
    }
    await page.setViewportSize({ width: WIDE, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  }
  await context.close()
  // What is not there is answered 404, which the browser writes down; a frame of no origin cannot be asked by axe; a previewed page runs
  // nothing.
  const known = /status of 404|execute 'postMessage'|frame is sandboxed and the 'allow-scripts' permission/
  return [...found, ...problems.filter((problem) => !known.test(problem))]
}

/** A page has come when it has a heading and nothing in it is on its way. */
export async function settled(page: Page): Promise<void> {
  // By its tag: behind a dialog it is hidden from roles.
  await page.locator('h1').first().waitFor()
  await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0)
}
