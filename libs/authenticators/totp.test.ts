import { expect, test } from 'vitest'
import { acceptedTotpStep, enrolTotp } from './totp.js'

const seed = Buffer.from('12345678901234567890')
const at = (seconds: number) => new Date(seconds * 1000)

// RFC 6238, appendix B (SHA-1): the vectors have 8 digits, of which ours are the last 6.
test.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('RFC 6238: at %i the code is …%s', (time, code) => {
  expect(acceptedTotpStep(seed, code.slice(2), { now: at(time), lastAcceptedStep: null })).toBe(Math.floor(time / 30))
})

test('a code works one step early and one late, and no further', () => {
  const code = '050471' // of step 37037037: 1111111110 to 1111111139
  const accepted = (time: number) => acceptedTotpStep(seed, code, { now: at(time), lastAcceptedStep: null })
  expect([1_111_111_079, 1_111_111_080, 1_111_111_169, 1_111_111_170].map(accepted)).toEqual([null, 37_037_037, 37_037_037, null])
})

test('a code works once, and never after a later one', () => {
  const accepted = (lastAcceptedStep: number) => acceptedTotpStep(seed, '050471', { now: at(1_111_111_111), lastAcceptedStep })
  expect([37_037_036, 37_037_037, 37_037_038].map(accepted)).toEqual([37_037_037, null, null])
})

test.each([' 050471', '050 471', '０５０-４７１', '٠٥٠٤٧١'])('%j is read as people type it', (code) => {
  expect(acceptedTotpStep(seed, code, { now: at(1_111_111_111), lastAcceptedStep: null })).toBe(37_037_037)
})

test.each(['', '12345', '1234567', '12345x'])('%j is no code', (code) => {
  expect(acceptedTotpStep(seed, code, { now: at(1_111_111_111), lastAcceptedStep: null })).toBeNull()
})

test.each([
  ['an emoji at the cut', 'a'.repeat(127) + '😀', 'a'.repeat(127)],
  ['a lone surrogate', 'Bakery \ud83d', 'Bakery \ufffd'],
  ['NUL', 'Bak\0ery', 'Bak ery'],
  ['colons alone', ':::', 'account'],
])('a name with %s can be enrolled', (_name, issuer, shown) => {
  expect(new URL(enrolTotp(seed, { issuer, account: 'ada@example.org' }).uri).searchParams.get('issuer')).toBe(shown)
})

test('the URI says nothing that an app could read in two ways', () => {
  const { uri, secret } = enrolTotp(seed, { issuer: 'A:B & Co', account: 'ada@example.org' })
  const url = new URL(uri)
  expect(url.protocol).toBe('otpauth:')
  expect(decodeURIComponent(url.pathname)).toBe('/A B & Co:ada@example.org')
  expect(Object.fromEntries(url.searchParams)).toEqual({ issuer: 'A B & Co', secret, algorithm: 'SHA1', digits: '6', period: '30' })
  expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
})
