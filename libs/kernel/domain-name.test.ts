import { expect, test } from 'vitest'
import { readDomainName } from './domain-name.js'

test.each([
  ['Example.COM', 'example.com'],
  ['münchen.example', 'xn--mnchen-3ya.example'],
  ['MÜNCHEN.example', 'xn--mnchen-3ya.example'],
  ['XN--MnCHEN-3YA.example', 'xn--mnchen-3ya.example'],
  ['straße.example', 'xn--strae-oqa.example'],
  ['ශ්‍රී.example', 'xn--10cl1a0b660p.example'], // the joiner is part of the name (RFC 5892, A.2)
  ['r3---sn-x.example', 'r3---sn-x.example'],
])('%j is %j', (text, ascii) => {
  expect(readDomainName(text)).toEqual({ ascii, exact: true })
})

test.each([
  ['example.com.', 'example.com'],
  ['exa\u00admple.com', 'example.com'],
  ['exa\u200bmple.com', 'example.com'],
  ['ｅxample.com', 'example.com'],
  ['example。com', 'example.com'],
  ['mu\u0308nchen.example', 'xn--mnchen-3ya.example'],
])('%j is read as %j, but is not exactly that', (text, ascii) => {
  expect(readDomainName(text)).toEqual({ ascii, exact: false })
})

test.each([
  '',
  '.',
  'a..b',
  '-a.example',
  'a_b.example',
  'a.example/x',
  'a%2e.example',
  'a.example:1',
  'a@b.example',
  'xn--a.example',
  'xn--.example',
  'xn--abc-.example',
  'xn--0.example',
  '\u200dfoo.example',
  `${'a'.repeat(64)}.example`,
  'a.'.repeat(600),
])('%j is none', (text) => {
  expect(readDomainName(text)).toBeNull()
})
