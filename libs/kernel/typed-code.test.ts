import { expect, test } from 'vitest'
import { plainCode, readDigits } from './typed-code.js'

const IN_OTHER_DIGITS: Record<string, string> = {
  'full-width': '０１２３４５６７８９',
  'Arabic-Indic': '٠١٢٣٤٥٦٧٨٩',
  'extended Arabic-Indic': '۰۱۲۳۴۵۶۷۸۹',
  Devanagari: '०१२३४५६७८९',
  Bengali: '০১২৩৪৫৬৭৮৯',
  Thai: '๐๑๒๓๔๕๖๗๘๙',
  Khmer: '០១២៣៤៥៦៧៨៩',
  Myanmar: '၀၁၂၃၄၅၆၇၈၉',
  'mathematical bold': '𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗',
  'mathematical monospace': '𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿',
  Adlam: '𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙',
  superscript: '⁰¹²³⁴⁵⁶⁷⁸⁹',
}

test.each(Object.entries(IN_OTHER_DIGITS))('%s digits are digits', (_name, digits) => {
  expect(plainCode(digits)).toBe('0123456789')
})

test('every decimal digit that Unicode has is one of ours', () => {
  const counts = new Map<string, number>()
  for (let codePoint = 0; codePoint <= 0x10_ff_ff; codePoint++) {
    const character = codePoint >= 0xd800 && codePoint <= 0xdfff ? '' : String.fromCodePoint(codePoint)
    if (!/^\p{Nd}$/u.test(character)) continue
    const read = plainCode(character)
    counts.set(read, (counts.get(read) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted()).toEqual([...'0123456789'])
  expect(new Set(counts.values()).size).toBe(1)
})

const PARTED = [
  ' 123456 ',
  '123 456',
  '123-456',
  '12-34-56',
  '123\u00a0456',
  '123\u2009456',
  '123\u202f456',
  '123\u3000456',
  '\t123456\r\n',
  '123\u2010456',
  '123\u2011456',
  '123–456',
  '123—456',
  '123\u2212456',
  '123－456',
  '123﹣456',
  '123ー456',
  '123ｰ456',
  '123〜456',
  '\u200b123\u200c4\u200d5\ufeff6',
  '\u202a123456\u202c',
  '\u2066123456\u2069',
  '1\u00ad23456',
  '1\u20602\u180e3456',
  '1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣',
  '123\u0000456',
  '１２３　４５６',
  '۱۲۳ ۴۵۶',
  '١٢٣-٤٥٦',
]
test.each(PARTED)('%j is 123456', (typed) => {
  expect(readDigits(typed, 6)).toBe('123456')
})

test.each(['', ' ', '-', '12345', '1234567', '12345x', '123.456', '1e5000', '+12345', '0x1234', '12345½', '一二三四五六', 'Ⅵ23456'])(
  '%j is no six-digit code',
  (typed) => {
    expect(readDigits(typed, 6)).toBeNull()
  },
)

test('letters stay as they were typed', () => {
  expect(plainCode('ａbＣd－１２')).toBe('abCd12')
})
