import { invalidField } from '@portico/kernel/auth-error'
import { readDigits } from '@portico/kernel/typed-code'

/** NIST SP 800-63B, 3.1.3.2: six digits, with few attempts. */
export const MAILED_CODE_DIGITS = 6

/** A mailed code as people type it. Throws `validation_error` for what cannot be one: that must not use up one of the few guesses. */
export function readMailedCode(typed: string): string {
  const code = readDigits(typed, MAILED_CODE_DIGITS)
  if (code === null) throw invalidField('code', 'invalid', `A mailed code has ${MAILED_CODE_DIGITS} digits.`)
  return code
}
