import { AuthError } from '@portico/kernel/auth-error'

/** Our own database does not answer; a mail is not to blame. */
export function isAway(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'unavailable'
}
