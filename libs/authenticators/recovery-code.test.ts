import encodeQr from 'qr'
import { expect, test } from 'vitest'
import { qrSvg } from './qr-code.js'
import { readRecoveryCode, recoveryCode } from './recovery-code.js'

test('every bit of the bytes is in the code', () => {
  expect(recoveryCode(Buffer.alloc(10, 0xff))).toBe('ZZZZ-ZZZZ-ZZZZ-ZZZZ')
  expect(recoveryCode(Buffer.from('00000000000000000001', 'hex'))).toBe('0000-0000-0000-0001')
  expect(recoveryCode(Buffer.from('80000000000000000000', 'hex'))).toBe('G000-0000-0000-0000')
})

test('a code is read as people type it', () => {
  for (const typed of [
    '0123-4567-89AB-CDEF',
    '0123456789abcdef',
    ' oi23 4567 89ab cdef ',
    'OL23-4567-89AB-CDEF',
    '０１２３－４５６７－８９ａｂ－ＣＤＥＦ',
    '٠١٢٣–٤٥٦٧–٨٩AB–CDEF',
    '\u200b0123\u00a04567\u00ad89ab\u2011cdef',
  ]) {
    expect(readRecoveryCode(typed)).toBe('0123-4567-89AB-CDEF')
  }
  for (const typed of ['', '123456', '0123-4567-89AB-CDEU', '0123-4567-89AB-CDEFG', 'x'.repeat(1000)])
    expect(readRecoveryCode(typed)).toBeNull()
})

test('the QR code is one SVG without scripts', () => {
  const svg = qrSvg('otpauth://totp/App:ada?secret=GEZDGNBVGY3TQOJQ')
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/)
  expect(svg).not.toMatch(/<script|href|on\w+=/)
  // Drawn again from its strokes it is the code, module by module, with the margin that scanners need.
  const wanted = encodeQr('otpauth://totp/App:ada?secret=GEZDGNBVGY3TQOJQ', 'raw', { ecc: 'medium' })
  const drawn = wanted.map((row) => row.map(() => false))
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)\.5h(\d+)/g)) {
    for (let at = 0; at < Number(length); at++) drawn[Number(y)]![Number(x) + at] = true
  }
  expect(drawn).toEqual(wanted)
  expect([wanted[0]!.some(Boolean), wanted[1]!.some(Boolean)]).toEqual([false, false])
})
