import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SealedBox, SealedBoxError } from './sealed-box.js'

const oldKey = Buffer.alloc(32, 1)
const newKey = Buffer.alloc(32, 2)
const context = { projectId: 'p1', purpose: 'signing_key', id: 'k1' }
const box = new SealedBox({ current: oldKey })
const rotated = new SealedBox({ current: newKey, previous: oldKey })

test('any value opens again in its own place', () => {
  const contexts = fc.record({ projectId: fc.string(), purpose: fc.string(), id: fc.string() })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), contexts, (bytes, place) => {
      expect(box.open(box.seal(Buffer.from(bytes), place), place)).toEqual(Buffer.from(bytes))
    }),
  )
  expect(box.open(box.seal('geheim ✓', context), context).toString('utf8')).toBe('geheim ✓')
})

test('a changed, cut or lengthened value never opens', () => {
  const sealed = box.seal('a secret', context)
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ flip
      expect(() => box.open(changed, context)).toThrow(SealedBoxError)
    }),
  )
  for (let length = 0; length < sealed.length; length++) expect(() => box.open(sealed.subarray(0, length), context)).toThrow(SealedBoxError)
  expect(() => box.open(Buffer.concat([sealed, Buffer.of(0)]), context)).toThrow(SealedBoxError)
})

test('random bytes never open', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => box.open(Buffer.from(bytes), context)).toThrow(SealedBoxError)
    }),
  )
})

describe('a value moved elsewhere does not open', () => {
  const sealed = box.seal('a secret', context)
  test.each([
    ['another project', { ...context, projectId: 'p2' }],
    ['another purpose', { ...context, purpose: 'totp_seed' }],
    ['another row', { ...context, id: 'k2' }],
    ['the same letters, split otherwise', { projectId: 'p1s', purpose: 'igning_key', id: 'k1' }],
  ])('%s', (_name, elsewhere) => {
    expect(() => box.open(sealed, elsewhere)).toThrow(SealedBoxError)
  })
})

test('the wrapped key of one value does not serve another value of the same row', () => {
  const a = box.seal('first', context)
  const b = box.seal('other', context)
  const mixed = Buffer.concat([a.subarray(0, 65), b.subarray(65)])
  expect(() => box.open(mixed, context)).toThrow(SealedBoxError)
})

test('sealing the same value twice gives two texts that share no key and no nonce', () => {
  const a = box.seal('same', context)
  const b = box.seal('same', context)
  expect(a.subarray(5, 17).equals(b.subarray(5, 17))).toBe(false)
  expect(a.subarray(17, 65).equals(b.subarray(17, 65))).toBe(false)
  expect(a.subarray(65).equals(b.subarray(65))).toBe(false)
})

test('after a rotation old values open and say that they need resealing', () => {
  const sealed = box.seal('old', context)
  expect(rotated.open(sealed, context).toString()).toBe('old')
  expect(rotated.needsReseal(sealed)).toBe(true)
  const fresh = rotated.reseal(sealed, context)
  expect(rotated.needsReseal(fresh)).toBe(false)
  expect(new SealedBox({ current: newKey }).open(fresh, context).toString()).toBe('old')
})

test('a value under a master key that is gone is refused and named as such for the operator', () => {
  const sealed = box.seal('old', context)
  const other = new SealedBox({ current: newKey })
  expect(() => other.open(sealed, context)).toThrow(expect.objectContaining({ reason: 'unknown_master_key' }))
  expect(() => other.needsReseal(sealed)).toThrow(SealedBoxError)
})

test('an error carries nothing of the value', () => {
  const sealed = box.seal('a secret', context)
  try {
    box.open(sealed, { ...context, id: 'k2' })
    expect.unreachable()
  } catch (error) {
    expect(String(error)).toBe('SealedBoxError: The sealed value cannot be opened.')
  }
})

test('subkeys differ by purpose and by master key, and the previous one stays reachable', () => {
  expect(box.deriveSubkey('mail-token')).toHaveLength(32)
  expect(box.deriveSubkey('mail-token')).toEqual(new SealedBox({ current: oldKey }).deriveSubkey('mail-token'))
  expect(box.deriveSubkey('mail-token')).not.toEqual(box.deriveSubkey('cookie'))
  expect(rotated.deriveSubkey('mail-token')).not.toEqual(box.deriveSubkey('mail-token'))
  expect(rotated.derivePreviousSubkey('mail-token')).toEqual(box.deriveSubkey('mail-token'))
  expect(box.derivePreviousSubkey('mail-token')).toBeNull()
})

test('a previous key equal to the current one is no rotation', () => {
  const same = new SealedBox({ current: oldKey, previous: Buffer.from(oldKey) })
  expect(same.needsReseal(box.seal('x', context))).toBe(false)
  expect(same.derivePreviousSubkey('mail-token')).toBeNull()
})

test('a master key of another size is refused', () => {
  expect(() => new SealedBox({ current: Buffer.alloc(16) })).toThrow(RangeError)
})
