import { isCommonPassword } from './blocklist.js'
import { MAX_PASSWORD_LENGTH, normalisePassword } from './normalise-password.js'

/** Stable codes: they appear as `details[].code` of a `weak_password` answer. */
export type PasswordProblem =
  'too_short' | 'too_long' | 'invalid_characters' | 'too_common' | 'contains_email' | 'contains_project_name' | 'leaked'

export interface PasswordPolicy {
  /** The project's setting, in code points; values below 8 count as 8. */
  minLength?: number | undefined
  /** The address of the account, as typed or normalised. */
  email?: string | undefined
  projectName?: string | undefined
}

const MIN_PASSWORD_LENGTH = 8

/** Sentences for `details[].message`; they never repeat the password. */
export const PASSWORD_PROBLEM_MESSAGES: Readonly<Record<PasswordProblem, string>> = {
  too_short: 'The password is too short.',
  too_long: `The password is longer than ${MAX_PASSWORD_LENGTH} characters.`,
  invalid_characters: 'The password holds characters that cannot be used.',
  too_common: 'This password is on a list of common or breached passwords.',
  contains_email: 'The password is too close to the email address.',
  contains_project_name: 'The password is too close to the name of this app.',
  leaked: 'This password has appeared in a data breach.',
}

/**
 * Why a new password is refused, or `null` when it is fine: 8 to 256 code points after NFKC, any Unicode, not on the blocklist,
 * not the address, its local part or the project's name (also with digits after it or other punctuation).
 * No composition rules (NIST SP 800-63B-4, 3.1.1.2).
 */
export function checkPassword(password: string, policy: PasswordPolicy = {}): PasswordProblem | null {
  const normalised = normalisePassword(password)
  if (!normalised.ok) return normalised.reason
  const length = [...normalised.text].length
  if (length < Math.max(MIN_PASSWORD_LENGTH, policy.minLength ?? MIN_PASSWORD_LENGTH)) return 'too_short'
  if (length > MAX_PASSWORD_LENGTH) return 'too_long'
  if (isCommonPassword(normalised.text)) return 'too_common'
  const folded = normalised.text.toLowerCase()
  if (policy.email !== undefined && isAboutAddress(folded, fold(policy.email))) return 'contains_email'
  if (policy.projectName !== undefined && isAbout(folded, fold(policy.projectName))) return 'contains_project_name'
  return null
}

function isAboutAddress(password: string, email: string): boolean {
  if (email === '') return false
  const local = email.slice(0, Math.max(email.lastIndexOf('@'), 0))
  return password.includes(email) || isAbout(password, email) || isAbout(password, local)
}

/** Equal in letters and digits, or with digits after: `Blue Bakery`, `bluebakery`, `blue-bakery-2026`. */
function isAbout(password: string, word: string): boolean {
  const bare = lettersAndDigits(word)
  if (bare === '') return password === word
  const candidate = lettersAndDigits(password)
  return candidate === bare || (candidate.startsWith(bare) && /^\d+$/.test(candidate.slice(bare.length)))
}

function fold(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase()
}

function lettersAndDigits(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}
