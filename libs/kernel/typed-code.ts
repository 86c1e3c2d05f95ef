// Spaces of every kind, dashes of every kind (and the long vowel mark that a Japanese keyboard types for one), and what cannot be seen at
// all: zero-width characters, direction marks, variation selectors and the frames of keycap emoji.
const NOT_PART_OF_A_CODE = /[\s\p{Z}\p{Cc}\p{Cf}\p{M}\p{Dash}\p{Default_Ignorable_Code_Point}\u30fc]/gu
const DIGIT = /\p{Nd}/u
const FOREIGN_DIGITS = /(?![0-9])\p{Nd}/gu

/**
 * A code as people type, paste and dictate it, in the characters it was made of: full-width and other compatibility forms folded (NFKC),
 * digits of every script as 0 to 9, without spaces, dashes and invisible characters. Letters stay as they are. Everything that takes a code
 * reads it with this.
 */
export function plainCode(typed: string): string {
  return typed.normalize('NFKC').replaceAll(FOREIGN_DIGITS, asciiDigit).replaceAll(NOT_PART_OF_A_CODE, '')
}

/** The code if it has exactly so many digits and nothing else; `null`: this cannot be a code, so it is not worth a guess. */
export function readDigits(typed: string, digits: number): string | null {
  const code = plainCode(typed)
  return code.length === digits && /^[0-9]+$/.test(code) ? code : null
}

/** Unicode, 4.6: the decimal digits of a script are ten code points in a row, from zero to nine. */
function asciiDigit(character: string): string {
  const codePoint = character.codePointAt(0) as number
  let zero = codePoint
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((codePoint - zero) % 10)
}
