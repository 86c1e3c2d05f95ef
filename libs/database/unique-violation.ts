const UNIQUE_VIOLATION = '23505'

/**
 * For `catch` around a transaction whose check found a name free: between check and write somebody else took it, and the unique index
 * decided. The loser is told what the check would have said, and never that something went wrong.
 */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION
}
