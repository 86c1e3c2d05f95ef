import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { CHROMIUM, launchChromium } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'
import { everyPage } from './every-page.js'
import { filesOfTheSite } from './files-of-the-site.js'
import { whatAnOperatorDoes } from './what-an-operator-does.js'
import { whatAnOperatorDoesOutside } from './what-an-operator-does-outside.js'
import { whoOnlyReads } from './who-only-reads.js'

/** What all of them share: starting three processes and a browser takes longer than most tests do. */
export interface Stand {
  stage: ConsoleStage
  browser: Browser
}

describe.skipIf(!CHROMIUM)('the console', () => {
  const stand = {} as Stand
  beforeAll(async () => {
    ;[stand.stage, stand.browser] = await Promise.all([startConsoleStage(), launchChromium()])
  })
  afterAll(async () => {
    await stand.browser?.close()
    await stand.stage?.stop()
  })

  // In this order: the first of them begins with nothing.
  whatAnOperatorDoes(stand)
  whatAnOperatorDoesOutside(stand)
  filesOfTheSite(stand)
  everyPage(stand)
  whoOnlyReads(stand)
})
