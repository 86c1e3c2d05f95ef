import { describe, expect, test } from 'vitest'
import { commonPasswords, isCommonPassword } from './blocklist.js'
import { checkPassword } from './password-policy.js'

test('the shipped list has at least 10,000 entries that length alone would let through', () => {
  const entries = [...commonPasswords()]
  expect(entries.length).toBeGreaterThan(10_000)
  expect(entries.every((entry) => [...entry].length >= 8)).toBe(true)
  expect(entries.every((entry) => entry === entry.normalize('NFKC').toLowerCase())).toBe(true)
})

const COMMON = ['password', 'Password1', 'QWERTYUIOP', '12345678', '87654321', 'aaaaaaaa', 'adminadmin', 'Welcome2026!', '123123123']
test.each(COMMON)('%s is too common', (password) => {
  expect(checkPassword(password)).toBe('too_common')
})

test('a common password in full-width letters is still common', () => {
  expect(isCommonPassword('ｐａｓｓｗｏｒｄ')).toBe(false)
  expect(checkPassword('ｐａｓｓｗｏｒｄ')).toBe('too_common')
})

const FINE = ['correct horse battery staple', 'пароль-для-пекарни', 'パン屋さんの秘密の言葉', '🥐🥖🥨🥯🧇🥞🍞🥪', '        x', 'K7#mv9!qLw']
test.each(FINE)('%s is fine without any composition rule', (password) => {
  expect(checkPassword(password, { email: 'dora@bakery.test', projectName: 'Blue Bakery' })).toBeNull()
})

describe('length', () => {
  test('is counted in code points after NFKC', () => {
    expect(checkPassword('🥐'.repeat(7))).toBe('too_short')
    expect(checkPassword('🥐🥖🥨🥯🧇🥞🍞🥪')).toBeNull()
    // Eight code points as typed, four once composed.
    expect(checkPassword('e\u0301u\u0308o\u0302n\u0303')).toBe('too_short')
    // Three as typed, eleven or more once the ligature is spelled out.
    expect(checkPassword('x\uFDFAy')).toBeNull()
  })

  test('ends at 256 code points', () => {
    expect(checkPassword('zq'.repeat(128))).toBeNull()
    expect(checkPassword(`${'zq'.repeat(128)}x`)).toBe('too_long')
    expect(checkPassword('🥐'.repeat(256))).toBeNull()
    expect(checkPassword('e\u0301'.repeat(256))).toBeNull()
    expect(checkPassword('x'.repeat(60_000))).toBe('too_long')
  })

  test('follows the project, but never below 8', () => {
    expect(checkPassword('tiny-goat-12', { minLength: 13 })).toBe('too_short')
    expect(checkPassword('tiny-goat-12', { minLength: 12 })).toBeNull()
    expect(checkPassword('goat-77', { minLength: 4 })).toBe('too_short')
  })
})

test('lone surrogates and U+0000 are refused, because they do not survive other systems', () => {
  expect(checkPassword('abcdefgh\ud800ij')).toBe('invalid_characters')
  expect(checkPassword('zebra\0crossing')).toBe('invalid_characters')
})

test.each(['Dora.Baker@bakery.test', 'my dora.baker@bakery.test!', 'dora.baker', 'Dora-Baker', 'dorabaker2026', 'DORA.BAKER!'])(
  '%s is too close to the address',
  (password) => expect(checkPassword(password, { email: 'dora.baker@bakery.test' })).toBe('contains_email'),
)

test.each(['Blue Bakery', 'bluebakery', 'BLUE-BAKERY-2026!', 'blue_bakery1'])('%s is too close to the name of the project', (password) => {
  expect(checkPassword(password, { projectName: 'Blue Bakery' })).toBe('contains_project_name')
})

test('a short name or an empty one does not forbid what merely contains it', () => {
  expect(checkPassword('application of jam', { projectName: 'App', email: 'a@x.test' })).toBeNull()
  expect(checkPassword('application of jam', { projectName: '', email: '' })).toBeNull()
  expect(checkPassword('🥐🥖🥨🥯🧇🥞🍞🥪', { projectName: '🥐' })).toBeNull()
})
