import { AuthError } from '@portico/kernel/auth-error'

// Prisma's codes for «the database is away, full, too slow or asks for another try» (P1xxx: connection; P2024: pool; P2028, P2034:
// transaction; P2037: too many).
const PRISMA_UNAVAILABLE = /^(P1\d{3}|P2024|P2028|P2034|P2037)$/
// The same by SQLSTATE (see `isUnavailable` of the database package) or by Node's names.
const UNAVAILABLE = /^(08|53|57P0|57014|55P03|25006|40001|40P01)|^E[A-Z]+$/
const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'SocketTimeout',
  'ConnectionClosed',
  'TooManyConnections',
  'TransactionWriteConflict',
  'TlsConnectionError',
])
const UNAVAILABLE_TEXT = /timeout|timed out|terminated|Connection ended|not queryable|ECONNREFUSED|ECONNRESET/i

/** Runs statements of schema `platform`; a lost or overloaded database becomes `unavailable`. */
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
  return textOf(error, 'code') === 'P2002'
}

function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = textOf(error, 'code')
  if (PRISMA_UNAVAILABLE.test(code) || UNAVAILABLE.test(code)) return true
  const { cause } = driverError(error)
  if (cause !== null) {
    // FATAL: the server refused or ended the connection, whatever the reason.
    return textOf(cause, 'severity') === 'FATAL' || UNAVAILABLE.test(textOf(cause, 'code')) || UNAVAILABLE_KINDS.has(textOf(cause, 'kind'))
  }
  return !code.startsWith('P2') && UNAVAILABLE_TEXT.test(error.message)
}

/** What the driver said, which Prisma keeps in `meta.driverAdapterError`, or throws as it is. */
function driverError(error: Error): { cause: unknown } {
  const adapter = property(property(error, 'meta'), 'driverAdapterError') ?? (error.name === 'DriverAdapterError' ? error : null)
  return { cause: property(adapter, 'cause') }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? ((value as Record<string, unknown>)[name] ?? null) : null
}

function textOf(value: unknown, name: string): string {
  const text = property(value, name)
  return typeof text === 'string' ? text : ''
}
