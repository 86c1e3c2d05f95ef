import { expect, test } from 'vitest'
import { formatId, parseId } from './ids.js'

const uuid = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'

test('the prefixed and the bare form of an id are the same id', () => {
  expect(parseId('proj', formatId('proj', uuid))).toBe(uuid)
  expect(parseId('proj', uuid.toUpperCase())).toBe(uuid)
})

test.each(['', 'proj_', `key_${uuid}`, `proj_proj_${uuid}`, `${uuid}x`, `proj_${uuid} `, uuid.replaceAll('-', ''), 'proj_../../etc'])(
  '%j is no project id',
  (text) => {
    expect(parseId('proj', text)).toBeNull()
  },
)
