import { expect, test } from 'vitest'
import { Circuits } from './circuits.js'

const HOOK = 'hook'
function at() {
  const clock = { now: 0 }
  return { clock, circuits: new Circuits(() => clock.now) }
}

test('five failures in a row open it, which is said once; an answer in between begins anew', () => {
  const { circuits } = at()
  for (let i = 0; i < 4; i++) expect(circuits.failed(HOOK)).toBe(false)
  expect(circuits.succeeded(HOOK)).toBe(false)
  expect(Array.from({ length: 9 }, () => circuits.failed(HOOK)).filter(Boolean)).toHaveLength(1)
  expect(circuits.admits(HOOK)).toBe(false)
  expect(circuits.admits('another')).toBe(true)
})

test('after thirty seconds one of twenty at once finds out, and the others are told at once', () => {
  const { clock, circuits } = at()
  for (let i = 0; i < 5; i++) circuits.failed(HOOK)
  clock.now = 29_999
  expect(Array.from({ length: 20 }, () => circuits.admits(HOOK)).filter(Boolean)).toEqual([])
  clock.now = 30_000
  expect(Array.from({ length: 20 }, () => circuits.admits(HOOK)).filter(Boolean)).toHaveLength(1)
  expect(circuits.failed(HOOK)).toBe(false)
  clock.now = 59_999
  expect(circuits.admits(HOOK)).toBe(false)
  clock.now = 60_000
  expect(circuits.admits(HOOK)).toBe(true)
  // Said once, and everybody is let through again.
  expect([circuits.succeeded(HOOK), circuits.succeeded(HOOK)]).toEqual([true, false])
  expect(Array.from({ length: 20 }, () => circuits.admits(HOOK)).every(Boolean)).toBe(true)
})

test('one that finds out and never ends blocks nobody for longer than that', () => {
  const { clock, circuits } = at()
  for (let i = 0; i < 5; i++) circuits.failed(HOOK)
  clock.now = 30_000
  expect([circuits.admits(HOOK), circuits.admits(HOOK)]).toEqual([true, false])
  clock.now = 60_000
  expect(circuits.admits(HOOK)).toBe(true)
})
