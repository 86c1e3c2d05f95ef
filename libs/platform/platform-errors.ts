import { AuthError } from '@portico/kernel/auth-error'

// Prisma's codes for «the database is away, full, too slow or asks for another try» (P1xxx: connection; P2024: pool; P2028, P2034: transaction; P2037: too many).
const UNAVAILABLE = /^(P1\d{3}|P2024|P2028|P2034|P2037|08|53|57P0|57014|ECONN|ETIMEDOUT|EPIPE)/
const UNAVAILABLE_TEXT = /timeout|timed out|terminated|Connection ended|ECONNREFUSED|ECONNRESET|DatabaseNotReachable|SocketTimeout|ConnectionClosed/i

/** Runs a statement of schema `platform`; a lost or overloaded database becomes `unavailable`. */
export async function onPlatform<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuthError) && isLost(error)) throw new AuthError('unavailable', { cause: error })
    throw error
  }
}

/** Prisma's P2002: a unique index refused the row. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === 'P2002'
}

function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return UNAVAILABLE.test(codeOf(error)) || (!codeOf(error).startsWith('P2') && UNAVAILABLE_TEXT.test(error.message))
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}
