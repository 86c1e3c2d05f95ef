import { digestToken } from '@portico/crypto/token-digest'
import type { Entropy } from '@portico/kernel/entropy'
import { plainCode } from '@portico/kernel/typed-code'

// Crockford's base 32: no letter that is read as a digit. 16 of them are 80 bits.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 16
const FORM = /^[0-9A-Z]{16}$/

/** As it is printed: four groups of four. */
export function newSetUpCode(entropy: Entropy): string {
  const letters = [...entropy.bytes(LENGTH)].map((byte) => ALPHABET[byte & 31])
  return letters.join('').replace(/(.{4})(?!$)/g, '$1-')
}

/** Of the code as people type it; `null`: this cannot be one. */
export function digestOfSetUpCode(typed: string): Uint8Array<ArrayBuffer> | null {
  const code = plainCode(typed).toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
  return FORM.test(code) ? new Uint8Array(digestToken(`console-set-up:${code}`)) : null
}
