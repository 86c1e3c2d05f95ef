import { AuthError } from '@portico/kernel/auth-error'

const UNIQUE_VIOLATION = '23505'

/** For `catch`: two accounts raced for one address and the unique index decided. The loser's transaction is rolled back whole. */
export function refuseTakenAddress(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION) throw new AuthError('email_taken', { cause: error })
  throw error
}
