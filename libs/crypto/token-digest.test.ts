import fc from 'fast-check'
import { expect, test } from 'vitest'
import { constantTimeEqual } from './constant-time.js'
import { hmacSha256, verifyHmacSha256 } from './hmac.js'
import { deriveCode, deriveToken, digestToken } from './token-digest.js'

const key = Buffer.alloc(32, 7)

test('a token is stored as its SHA-256 digest', () => {
  expect(digestToken('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('the HMAC of RFC 4231, test case 2, comes out as printed there', () => {
  const mac = hmacSha256('Jefe', 'what do ya want for nothing?')
  expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
})

test('the signature of RFC 7515, appendix A.1, comes out as printed there', () => {
  const secret = Buffer.from('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', 'base64url')
  const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  const mac = hmacSha256(secret, `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}`)
  expect(mac.toString('base64url')).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
})

test('a MAC of another length or with one bit changed is wrong, not an error', () => {
  const mac = hmacSha256(key, 'data')
  expect(verifyHmacSha256(key, 'data', mac)).toBe(true)
  expect(verifyHmacSha256(key, 'data', mac.subarray(0, 16))).toBe(false)
  expect(verifyHmacSha256(key, 'data', Buffer.alloc(0))).toBe(false)
  mac[31] = (mac[31] ?? 0) ^ 1
  expect(verifyHmacSha256(key, 'data', mac)).toBe(false)
})

test('a derived token is the same on every try and has 256 bits', () => {
  const token = deriveToken(key, ['outbox-1', 'password_reset'])
  expect(deriveToken(key, ['outbox-1', 'password_reset'])).toBe(token)
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('two different lists of parts never give one token', () => {
  expect(deriveToken(key, ['a', 'bc'])).not.toBe(deriveToken(key, ['ab', 'c']))
  const parts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(deriveToken(key, a) === deriveToken(key, b)).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})

test('another key gives another token', () => {
  expect(deriveToken(Buffer.alloc(32, 8), ['a'])).not.toBe(deriveToken(key, ['a']))
})

test('a derived code has exactly the digits asked for and is the same on every try', () => {
  for (let i = 0; i < 500; i++) expect(deriveCode(key, [String(i)], 6)).toMatch(/^\d{6}$/)
  expect(deriveCode(key, ['x'], 6)).toBe(deriveCode(key, ['x'], 6))
  expect(() => deriveCode(key, ['x'], 0)).toThrow(RangeError)
})

test('the first digits of derived codes are evenly spread', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 10_000; i++) {
    const digit = Number(deriveCode(key, [String(i)], 6)[0])
    counts[digit] = (counts[digit] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(880)
  expect(Math.max(...counts)).toBeLessThan(1_120)
})

test('constant-time equality agrees with ordinary equality at any length', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(constantTimeEqual(a, b)).toBe(a === b)
      expect(constantTimeEqual(a, Buffer.from(a))).toBe(true)
    }),
  )
})
