import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { expect, test } from 'vitest'
import { retryDelaySeconds } from './retry-delay.js'

const always = (value: number): Entropy => ({ ...systemEntropy, integer: () => value })

test('waits double, stay spread over the upper half, and never exceed 40 seconds', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 2_000].map((attempt) => Math.round(retryDelaySeconds(attempt, undefined, always(999))))
  expect(longest).toEqual([1, 2, 4, 8, 16, 32, 40, 40])
  expect(retryDelaySeconds(3, undefined, always(0))).toBe(2)
  expect(retryDelaySeconds(2_000, undefined, always(0))).toBe(20)
})

test('a later wish of the provider counts, an earlier one does not', () => {
  expect(retryDelaySeconds(1, 30, always(0))).toBe(30)
  expect(retryDelaySeconds(7, 1, always(0))).toBe(20)
})
