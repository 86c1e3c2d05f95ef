/** SQLSTATE classes in which the server is away, shutting down, full or too slow: the caller may come again. */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P0|57014|55P03|25006|40001|40P01)/

/** True when the failure says nothing about the request: the database is lost, full or too slow. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return UNAVAILABLE_SQLSTATE.test(code) || /^E[A-Z]+$/.test(code)
  return /timeout|timed out|terminated|Connection ended|not queryable|Client was closed/i.test(error.message)
}
