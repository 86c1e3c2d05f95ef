interface SqlError {
  message: string
  position?: string
  internalPosition?: string
  internalQuery?: string
  detail?: string
  hint?: string
  where?: string
}

/** ` at line 3: what the server said`, the line counted in the text that was run. */
export function describeSqlError(error: unknown, text: string): string {
  const { message, detail, hint, where, ...place } = error as SqlError
  const line = lineOf(place, text)
  return `${line === null ? '' : ` at line ${line}`}: ${[message, detail, hint, where].filter(Boolean).join('\n  ')}`
}

function lineOf({ position, internalPosition, internalQuery }: Omit<SqlError, 'message'>, text: string): number | null {
  // The body of a function that was checked after it had been made: its place is counted in the body.
  const start = internalQuery === undefined ? 0 : text.indexOf(internalQuery)
  const offset = internalQuery === undefined ? position : internalPosition
  return offset === undefined || start < 0 ? null : text.slice(0, start + Number(offset)).split('\n').length
}
