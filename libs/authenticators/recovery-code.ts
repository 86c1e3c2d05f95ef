import { plainCode } from '@portico/kernel/typed-code'

/** Crockford's base32: no letter that is easily taken for another character. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 4
const GROUP_LENGTH = 4

/** 80 bits: too many to guess, and too many to search for in a stolen table of digests. */
export const RECOVERY_CODE_BYTES = 10
export const RECOVERY_CODES = 10

/** `XXXX-XXXX-XXXX-XXXX` from 10 unpredictable bytes. */
export function recoveryCode(bytes: Buffer): string {
  if (bytes.length !== RECOVERY_CODE_BYTES) throw new RangeError(`A recovery code is made of ${RECOVERY_CODE_BYTES} bytes.`)
  let value = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let index = 0; index < GROUPS * GROUP_LENGTH; index++) {
    text = ALPHABET.charAt(Number(value & 31n)) + text
    value >>= 5n
  }
  return text.match(/.{4}/g)?.join('-') ?? ''
}

/**
 * The one spelling of a code as people type it: any case, any digits, with or without dashes and spaces, O for 0, I and L for 1. `null`:
 * not a code.
 */
export function readRecoveryCode(typed: string): string | null {
  if (typed.length > 64) return null
  const plain = plainCode(typed).toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (plain.length !== GROUPS * GROUP_LENGTH || [...plain].some((character) => !ALPHABET.includes(character))) return null
  return plain.match(/.{4}/g)?.join('-') ?? null
}
