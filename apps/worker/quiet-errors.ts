import type { Logger } from '@portico/http/request-log'

const QUIET_MS = 10_000
/** Of kinds that differ. */
const MOST_KINDS = 50

/** Errors of one kind as one line in ten seconds, with how many came since: an outage must not fill a disk. */
export function quietErrors(logger: Logger, message: string): (error: Error) => void {
  const told = new Map<string, { at: number; since: number }>()
  return (error) => {
    const { code } = error as { code?: unknown }
    // Addresses and numbers at the end of a message do not make it another kind.
    const kind = `${error.name} ${typeof code === 'string' ? code : ''} ${error.message.slice(0, 24)}`
    const now = performance.now()
    const before = told.get(kind)
    if (before && now - before.at < QUIET_MS) {
      before.since += 1
      return
    }
    if (!before && told.size >= MOST_KINDS) told.clear()
    told.set(kind, { at: now, since: 0 })
    logger.warn({ err: error, ...(before && before.since > 0 && { repeated: before.since }) }, message)
  }
}
