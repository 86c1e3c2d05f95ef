import { describe, expect, test } from 'vitest'
import { cutText, outsideText, outsideUrl } from './outside-text.js'

describe('text', () => {
  test.each<[string, unknown, string | null]>([
    ['plain text', 'Ada Lovelace', 'Ada Lovelace'],
    ['text of another script', 'Žofie 山田 ناصر', 'Žofie 山田 ناصر'],
    ['NUL', 'A\0da', 'A da'],
    ['line ends and other controls', ' A\r\n\t\u0085\u2028da\x7f ', 'A da'],
    ['a lone high surrogate', 'A\ud83d', 'A\ufffd'],
    ['a lone low surrogate', '\ude00A', '\ufffdA'],
    ['an emoji that would be cut in two', 'a'.repeat(15) + '😀', 'a'.repeat(15)],
    ['an emoji that fits', 'a'.repeat(14) + '😀', 'a'.repeat(14) + '😀'],
    ['a space before the cut', 'a'.repeat(15) + ' b', 'a'.repeat(15)],
    ['nothing but controls', '\0\0', null],
    ['nothing', '', null],
    ['a number', 7, null],
    ['an array', ['Ada'], null],
    ['an object', { toString: () => 'Ada' }, null],
    ['null', null, null],
    ['undefined', undefined, null],
    ['a megabyte', '😀'.repeat(500_000), '😀'.repeat(8)],
  ])('%s', (_name, value, expected) => {
    const text = outsideText(value, 16)
    expect(text).toBe(expected)
    // encodeURIComponent throws at a lone surrogate: this is how an enrolment became a 500.
    expect(() => encodeURIComponent(text ?? '')).not.toThrow()
  })

  test('every length of a text of pairs is cut between them', () => {
    for (let length = 1; length < 20; length += 1) expect(cutText('a😀b😀😀', length).isWellFormed(), String(length)).toBe(true)
  })
})

test.each<[unknown, boolean]>([
  ['https://avatars.example/1?s=2', true],
  ['http://avatars.example/1', true],
  [`https://avatars.example/${'a'.repeat(2_048)}`, false],
  ['javascript:alert(1)', false],
  ['data:image/png;base64,AAAA', false],
  ['https://a:b@avatars.example/', false],
  ['https://avatars.example/a b', false],
  ['https://avatars.example/\0', false],
  ['https://avatars.example/\ud83d', false],
  ['//avatars.example/1', false],
  ['/1', false],
  [7, false],
  [['https://avatars.example/1'], false],
])('%j as a URL: kept whole is %s', (value, kept) => {
  expect(outsideUrl(value, 2_048)).toBe(kept ? value : null)
})
