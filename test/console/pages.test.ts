import { describe } from 'vitest'
import { CHROMIUM } from '../support/console-browser.js'
import { everyPage } from './every-page.js'
import { useStand } from './stand.js'
import { whoOnlyReads } from './who-only-reads.js'

describe.skipIf(!CHROMIUM)('the pages of the console', () => {
  const stand = useStand()
  everyPage(stand)
  whoOnlyReads(stand)
})
