import { expect, test } from 'vitest'
import { ChildBox } from './child-box.js'
import { SealedBox, SealedBoxError } from './sealed-box.js'

const first = Buffer.alloc(32, 1)
const second = Buffer.alloc(32, 2)
const box = new ChildBox(new SealedBox({ current: first }))
const sealed = box.seal('the child', 'the parent', 'project-1')

test('opens for whoever brings the parent, also after a rotation of the master key', () => {
  expect(box.open(sealed, 'the parent', 'project-1')).toBe('the child')
  expect(new ChildBox(new SealedBox({ current: second, previous: first })).open(sealed, 'the parent', 'project-1')).toBe('the child')
})

test('stays shut for another parent, project or master key, and when changed or cut', () => {
  const other = new ChildBox(new SealedBox({ current: second }))
  const changed = Buffer.from(sealed)
  changed[20]! ^= 1
  for (const attempt of [
    () => box.open(sealed, 'another parent', 'project-1'),
    () => box.open(sealed, 'the parent', 'project-2'),
    () => other.open(sealed, 'the parent', 'project-1'),
    () => box.open(changed, 'the parent', 'project-1'),
    () => box.open(sealed.subarray(0, 20), 'the parent', 'project-1'),
  ]) expect(attempt).toThrow(SealedBoxError)
})

test('does not hold the child in the clear, and never seals alike twice', () => {
  expect(sealed.includes('the child')).toBe(false)
  expect(box.seal('the child', 'the parent', 'project-1').equals(sealed)).toBe(false)
})
