import { AuthError } from '@portico/kernel/auth-error'
import { beforeEach, expect, test } from 'vitest'
import { RecordCache } from './record-cache.js'

let now: number
let heardAt: number
let cache: RecordCache<string | null>
let reads: number

beforeEach(() => {
  now = 10_000
  heardAt = -Infinity
  reads = 0
  cache = new RecordCache({ maxSize: 3, maxAgeMs: 2_000, maxStaleMs: 30_000, monotonicMs: () => now, heardAt: () => heardAt })
})

const reading = (value: string | null) => async () => {
  reads += 1
  return value
}
const lost = async (): Promise<string> => {
  reads += 1
  throw new AuthError('unavailable')
}

test('a value counts while changes are heard, and is read again two seconds after the last that was heard', async () => {
  await cache.get('a', reading('one'))
  heardAt = now = 60_000
  expect(await cache.get('a', reading('two'))).toBe('one')
  now += 1_999
  expect(await cache.get('a', reading('two'))).toBe('one')
  now += 1
  expect(await cache.get('a', reading('two'))).toBe('two')
  expect(reads).toBe(2)
})

test('when the database does not answer the old value counts for half a minute, and is asked for once a second', async () => {
  await cache.get('a', reading('one'))
  now += 2_000
  expect(await cache.get('a', lost)).toBe('one')
  now += 999
  expect(await cache.get('a', lost)).toBe('one')
  expect(reads).toBe(2)
  now += 1
  expect(await cache.get('a', lost)).toBe('one')
  expect(reads).toBe(3)
  expect(cache.peek('a')).toBe('one')
  now = 10_000 + 30_000
  await expect(cache.get('a', lost)).rejects.toThrow(AuthError)
  expect(await cache.get('a', reading('two'))).toBe('two')
})

test('a change that is heard of ends the old value, also while the database does not answer', async () => {
  await cache.get('a', reading('one'))
  now += 2_000
  await cache.get('a', lost)
  cache.drop('a')
  await expect(cache.get('a', lost)).rejects.toThrow(AuthError)
})

test('another error is not covered up', async () => {
  await cache.get('a', reading('one'))
  now += 2_000
  await expect(cache.get('a', () => Promise.reject(new Error('bug')))).rejects.toThrow('bug')
})
