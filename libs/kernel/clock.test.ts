import { afterEach, expect, test, vi } from 'vitest'
import { FollowingClock } from './clock.js'

const HOUR_MS = 3_600_000

afterEach(() => vi.useRealTimers())

test('a wall clock that jumps while the process runs changes nothing', () => {
  const clock = new FollowingClock()
  const before = clock.now().getTime()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS })
  expect(clock.now().getTime() - before).toBeLessThan(HOUR_MS / 2)
  vi.setSystemTime(Date.now() - 2 * HOUR_MS)
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(before)
})

test.each([HOUR_MS, -HOUR_MS])('one that was wrong by %i ms from the start is put right, once', (wrongBy) => {
  const right = new FollowingClock()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + wrongBy })
  const clock = new FollowingClock()
  vi.useRealTimers()
  const ask = () => {
    const askedAt = performance.now()
    return clock.follow(right.now(), askedAt, performance.now())
  }
  expect(Math.abs(ask() + wrongBy)).toBeLessThan(1_000)
  expect(ask()).toBe(0)
  expect(Math.abs(clock.now().getTime() - right.now().getTime())).toBeLessThan(1_000)
})

test('an answer that was long under way does not move it', () => {
  const clock = new FollowingClock()
  const askedAt = performance.now()
  const theirs = new Date(clock.now().getTime() + 4_000)
  expect(clock.follow(theirs, askedAt, askedAt + 4_000)).toBe(0)
  expect(clock.follow(theirs, askedAt, askedAt + 1)).toBeGreaterThan(3_000)
})
