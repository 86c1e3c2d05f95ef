import { expect, test } from 'vitest'
import { LocalCounterStore } from './local-counter-store.js'

test('the number of keys is bounded, and a key in use outlives idle ones', async () => {
  const store = new LocalCounterStore(100)
  for (let i = 0; i < 1_000; i += 1) {
    await store.charge([{ key: `k${i}`, cost: 1, windowMs: 60_000 }, { key: 'busy', cost: 1, windowMs: 60_000 }], null, 1_000)
  }
  expect(store.size).toBe(100)
  const result = await store.charge([{ key: 'busy', cost: 1, windowMs: 60_000 }], null, 1_000)
  expect(result).toEqual({ buckets: [{ count: 1_001, expiresAt: 61_000 }] })
})
