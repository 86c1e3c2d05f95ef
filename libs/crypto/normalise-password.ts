export const MAX_PASSWORD_LENGTH = 256
// NFKC joins at most 4 code points into one, and a code point has at most 2 UTF-16 units: longer input can never become an allowed
// password, so it is refused unread. One character can also become 18, and a 64 KiB body would be a megabyte to hash.
const MAX_RAW_UNITS = MAX_PASSWORD_LENGTH * 4 * 2

/** `text` is NFKC: the only form that is measured, compared or hashed. */
export type NormalisedPassword = { ok: true; text: string } | { ok: false; reason: 'too_long' | 'invalid_characters' }

/**
 * One form for one password, whatever keyboard typed it (NIST SP 800-63B-4, 3.1.1.2).
 * Lone surrogates are refused because UTF-8 turns every one of them into U+FFFD, which would make different passwords equal;
 * U+0000 because other systems cut a text there.
 */
export function normalisePassword(password: string): NormalisedPassword {
  if (password.length > MAX_RAW_UNITS) return { ok: false, reason: 'too_long' }
  if (LONE_SURROGATE_OR_NUL.test(password)) return { ok: false, reason: 'invalid_characters' }
  return { ok: true, text: password.normalize('NFKC') }
}

const LONE_SURROGATE_OR_NUL = /[\p{Surrogate}\0]/u
