import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'

/** What all tests of a file share: starting three processes and a browser takes longer than most tests do. */
export interface Stand {
  stage: ConsoleStage
  browser: Browser
}

export function useStand(): Stand {
  const stand = {} as Stand
  beforeAll(async () => {
    ;[stand.stage, stand.browser] = await Promise.all([startConsoleStage(), launchChromium()])
  })
  afterAll(async () => {
    await stand.browser?.close()
    await stand.stage?.stop()
  })
  return stand
}
