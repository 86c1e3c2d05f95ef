import { expect, test } from 'vitest'
import { mailShare } from './mail-share.js'

test.each([
  [{ sent: 0, bounced: 0, complained: 0 }, 1],
  [{ sent: 9, bounced: 9, complained: 0 }, 1],
  [{ sent: 200, bounced: 10, complained: 0 }, 1],
  [{ sent: 199, bounced: 10, complained: 0 }, 0.1],
  [{ sent: 1_000, bounced: 100, complained: 0 }, 0.1],
  [{ sent: 1_000, bounced: 101, complained: 0 }, 0.01],
  [{ sent: 10, bounced: 10, complained: 0 }, 0.01],
  [{ sent: 100, bounced: 0, complained: 2 }, 1],
  [{ sent: 1_000, bounced: 0, complained: 3 }, 1],
  [{ sent: 900, bounced: 0, complained: 3 }, 0.1],
  [{ sent: 100, bounced: 0, complained: 3 }, 0.01],
])('of %j a project has the share %d', (reputation, share) => {
  expect(mailShare(reputation)).toBe(share)
})
