import { createHash } from 'node:crypto'

/** Upper-case hex of the SHA-1 of a text's UTF-8: what lists of leaked passwords are kept by. Protects nothing. */
export function sha1Hex(text: string): string {
  return createHash('sha1').update(text, 'utf8').digest('hex').toUpperCase()
}
