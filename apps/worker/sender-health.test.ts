import { expect, test } from 'vitest'
import { SenderHealth } from './sender-health.js'

function health(more: { silentTries?: number } = {}) {
  let now = 0
  const told: string[] = []
  const made = new SenderHealth({
    onBroken: (code) => void told.push(code),
    onWell: () => void told.push('well'),
    monotonicMs: () => now,
    ...more,
  })
  return { made, told, pass: (ms: number) => void (now += ms) }
}
const refused = { kind: 'sender_refused', code: 'smtp_535' } as const
const sent = { kind: 'sent', providerId: 'x' } as const

test('a refused sender gets one mail in 30 s, and is told once', () => {
  const { made, told, pass } = health()
  expect(made.waitMs()).toBe(0)
  made.report(refused)
  expect(made.waitMs()).toBe(30_000)
  pass(30_000)
  expect([made.waitMs(), made.waitMs(), made.waitMs()]).toEqual([0, 2_000, 2_000])
  made.report(refused)
  expect(made.waitMs()).toBe(30_000)
  pass(31_000)
  expect(made.waitMs()).toBe(0)
  made.report(sent)
  expect([made.waitMs(), made.waitMs()]).toEqual([0, 0])
  expect(told).toEqual(['smtp_535', 'well'])
})

test('a mail that is refused for itself shows that the sender is well', () => {
  const { made, told, pass } = health()
  made.report(refused)
  pass(30_000)
  made.waitMs()
  made.report({ kind: 'rejected', code: 'smtp_550' })
  expect(made.broken).toBe(false)
  expect(told).toEqual(['smtp_535', 'well'])
})

test('a sender that reaches nobody breaks after so many tries in a row, where that is asked for', () => {
  const silent = { kind: 'retry', code: 'unreachable', untouched: true } as const
  const { made } = health({ silentTries: 3 })
  for (let n = 0; n < 2; n += 1) made.report(silent)
  made.report(sent)
  for (let n = 0; n < 2; n += 1) made.report(silent)
  expect(made.broken).toBe(false)
  made.report(silent)
  expect(made.broken).toBe(true)
  const never = health()
  for (let n = 0; n < 20; n += 1) never.made.report(silent)
  expect(never.made.broken).toBe(false)
})
