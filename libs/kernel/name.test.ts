import { expect, test } from 'vitest'
import { isName } from './name.js'

test.each(['Blue Bakery', 'Ärzte & Söhne', '日本語', "O'Neil", '👩‍👩‍👧', 'سلام', 'a'])('%j is a name', (text) =>
  expect(isName(text)).toBe(true),
)

test.each([
  '',
  ' ',
  'a\nb',
  'a\r\nBcc: x',
  'a\tb',
  'a\u0000b',
  'a\u0085b',
  'a\u2028b',
  'a\u2029b',
  'a\u001b[31mb',
  'a\u007f',
  'a\u202eb',
  'a\u2066b',
  'a\u200fb',
  '\u200b',
  '\u3164',
  'a\ud800b',
  5,
  null,
])('%j is none', (text) => expect(isName(text)).toBe(false))
