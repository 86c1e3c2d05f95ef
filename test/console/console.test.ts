import { describe } from 'vitest'
import { CHROMIUM } from '../support/console-browser.js'
import { filesOfTheSite } from './files-of-the-site.js'
import { useStand } from './stand.js'
import { whatAnAuditorDoes } from './what-an-auditor-does.js'
import { whatAnOperatorDoes } from './what-an-operator-does.js'
import { whatAnOperatorDoesForCompanies } from './what-an-operator-does-for-companies.js'
import { whatAnOperatorDoesOutside } from './what-an-operator-does-outside.js'

describe.skipIf(!CHROMIUM)('the console', () => {
  const stand = useStand()
  // In this order: the first of them begins with nothing.
  whatAnOperatorDoes(stand)
  whatAnOperatorDoesOutside(stand)
  whatAnOperatorDoesForCompanies(stand)
  whatAnAuditorDoes(stand)
  filesOfTheSite(stand)
})
