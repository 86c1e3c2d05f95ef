import { afterAll, vi } from 'vitest'

// Files share a process (`isolate: false`): what one has put in place of a clock, a global or the environment ends with it.
afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
