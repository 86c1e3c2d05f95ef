/** Texts that are read as an address only after characters are dropped or replaced, and the address each one looks like. */
export const ODD_ADDRESSES: readonly (readonly [typed: string, resembling: string])[] = [
  ['adª@corp.example', 'ada@corp.example'], // feminine ordinal indicator
  ['\u212aevin@corp.example', 'kevin@corp.example'], // Kelvin sign
  ['\u017fam@corp.example', 'sam@corp.example'], // long s
  ['ａｄａ@corp.example', 'ada@corp.example'],
  ['ada＠corp.example', 'ada@corp.example'],
  ['ada@ｃorp.example', 'ada@corp.example'],
  ['ada@corp。example', 'ada@corp.example'],
  ['ada@corp.example.', 'ada@corp.example'],
  ['a\u200bda@corp.example', 'ada@corp.example'], // zero-width space
  ['a\u200dda@corp.example', 'ada@corp.example'], // zero-width joiner
  ['ada\u2060@corp.example', 'ada@corp.example'],
  ['a\ufeffda@corp.example', 'ada@corp.example'],
  ['a\u00adda@corp.example', 'ada@corp.example'], // soft hyphen
  ['ada@co\u00adrp.example', 'ada@corp.example'],
  ['ada@co\u200brp.example', 'ada@corp.example'],
  ['\u202eada@corp.example', 'ada@corp.example'], // right-to-left override
  ['ada\u2066@corp.example', 'ada@corp.example'],
  ['ada\u200f@corp.example', 'ada@corp.example'],
  ['ada\ufe0f@corp.example', 'ada@corp.example'], // variation selector
  ['a\u034fda@corp.example', 'ada@corp.example'], // combining grapheme joiner
  ['a\u3164da@corp.example', 'ada@corp.example'], // Hangul filler
  ['a\u0308da@corp.example', 'äda@corp.example'], // decomposed
  ['ﬁn@corp.example', 'fin@corp.example'],
  ['①@corp.example', '1@corp.example'],
  ['\u0130da@corp.example', 'i\u0307da@corp.example'],
  ['ශ\u0dca\u200dරී@corp.example', 'ශ\u0dcaරී@corp.example'], // Sinhala with a joiner: not seen, so not told apart
]
