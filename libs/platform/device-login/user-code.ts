import type { Entropy } from '@portico/kernel/entropy'

/** No vowels, so that no words come out of it, and nothing that looks like something else (RFC 8628, 6.1): 20^8 codes. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8
// Bytes above it would make the first letters likelier.
const FAIR = 256 - (256 % LETTERS.length)

/** As people read it: `WDJB-MJHT`. */
export function mintUserCode(entropy: Entropy): string {
  let code = ''
  while (code.length < LENGTH) {
    for (const byte of entropy.bytes(LENGTH)) if (byte < FAIR && code.length < LENGTH) code += LETTERS[byte % LETTERS.length]
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** However it was typed: in small letters, with or without the dash. */
export function readUserCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[^A-Z]/g, '')
  return code.length === LENGTH ? `${code.slice(0, 4)}-${code.slice(4)}` : null
}
