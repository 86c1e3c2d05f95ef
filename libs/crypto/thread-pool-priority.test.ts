import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lowerThreadPoolPriority, POOL_NICENESS } from './thread-pool-priority.js'

test.runIf(process.platform === 'linux')('the threads of the pool give way, the event loop does not', async () => {
  expect(await lowerThreadPoolPriority(4)).toBe(4)
  const niceness = (thread: string) => Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ')[16])
  const threads = readdirSync('/proc/self/task')
  expect(threads.filter((thread) => niceness(thread) === POOL_NICENESS).length).toBeGreaterThanOrEqual(4)
  expect(niceness(String(process.pid))).toBe(0)
})
