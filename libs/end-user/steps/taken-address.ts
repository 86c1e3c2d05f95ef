import { isUniqueViolation } from '@portico/database/unique-violation'
import { AuthError } from '@portico/kernel/auth-error'

/** For `catch`: two accounts raced for one address and the unique index decided. The loser's transaction is rolled back whole. */
export function refuseTakenAddress(error: unknown): never {
  if (isUniqueViolation(error)) throw new AuthError('email_taken', { cause: error })
  throw error
}
