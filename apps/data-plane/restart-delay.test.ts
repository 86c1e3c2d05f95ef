import { expect, test } from 'vitest'
import { RestartDelay } from './restart-delay.js'

test('the first is replaced at once, those that do not stay ever later, one that stayed at once again', () => {
  const delay = new RestartDelay()
  expect(Array.from({ length: 10 }, () => delay.after(1_000))).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect([delay.after(60_000), delay.after(10)]).toEqual([0, 250])
})
