import { hmacSha256 } from '@portico/crypto/hmac'
import { lengthPrefixed } from '@portico/crypto/length-prefixed'

/**
 * What is stored of a short code. A plain digest of six digits is guessed in a millisecond by a reader of the table; the key is not in it.
 * Comparing two such values tells nothing by its duration: the guesser cannot choose them.
 */
export function digestCode(key: Buffer, projectId: string, address: string, code: string): Buffer {
  return hmacSha256(key, lengthPrefixed(['email-code', projectId, address, code]))
}

/**
 * What may be stored of a code that somebody typed: while master keys are rotated it may have been mailed under the other one. No guess
 * gets likelier by it: each stored digest was made with one key.
 */
export function possibleDigests(keys: readonly Buffer[], projectId: string, address: string, code: string): Buffer[] {
  return keys.map((key) => digestCode(key, projectId, address, code))
}
