import type { FaultProxy } from './fault-proxy.js'

export interface StatementCounter {
  /** Names of the statements, one entry per round trip, since the last call. `(text)` is a simple query; the change feed is not counted. */
  take(): string[]
}

const SYNC = 0x53
const QUERY = 0x51
const BIND = 0x42
// Asked four times a second, so at times within an operation, and never because of one.
const FEED = new Set(['changes_since', 'changed_users'])

/** Reads PostgreSQL's protocol on its way: every Sync or simple Query is one round trip. */
export function countStatements(proxy: FaultProxy): StatementCounter {
  const buffers = new Map<number, Buffer>()
  const greeted = new Set<number>()
  const lastBound = new Map<number, string>()
  let trips: string[] = []
  proxy.onClientData((connection, chunk) => {
    let data = Buffer.concat([buffers.get(connection) ?? Buffer.alloc(0), chunk])
    // The first message has a length but no type.
    if (!greeted.has(connection) && data.length >= 4) {
      const length = data.readInt32BE(0)
      if (data.length >= length) {
        greeted.add(connection)
        data = data.subarray(length)
      }
    }
    while (greeted.has(connection) && data.length >= 5) {
      const length = data.readInt32BE(1) + 1
      if (data.length < length) break
      const type = data[0]
      const body = data.subarray(5, length)
      if (type === BIND) {
        const portalEnd = body.indexOf(0)
        lastBound.set(connection, body.subarray(portalEnd + 1, body.indexOf(0, portalEnd + 1)).toString('utf8'))
      } else if (type === SYNC && !FEED.has(lastBound.get(connection) ?? '')) trips.push(lastBound.get(connection) ?? '(unnamed)')
      else if (type === QUERY) trips.push('(text)')
      data = data.subarray(length)
    }
    buffers.set(connection, data)
  })
  return {
    take: () => {
      const taken = trips
      trips = []
      return taken
    },
  }
}
