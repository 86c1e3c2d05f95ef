import type { PlatformSql } from '@portico/database/platform-sql'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'
import { claimAuditStreams, dueAuditParts, noteAuditPart, releaseAuditStream, type DueAuditStream } from '../records/audit-stream.store.js'
import { DELIVERY_LIMIT_MS, type DeliverAuditPart } from './deliver-audit-part.js'
import type { ExportAuditChain } from './export-audit-chain.js'

const STREAMS_AT_ONCE = 20
const LOGS_PER_ROUND = 50
const ROWS_PER_PART = 500
/** Longer than a delivery takes; renewed with each. */
const LEASE_SECONDS = DELIVERY_LIMIT_MS / 1000 + 45
/** Rows of a moment travel together. */
const PAUSE_SECONDS = 5
const LONGEST_PAUSE_SECONDS = HOUR_SECONDS

/**
 * Delivers what audit logs have grown by, at least once: a part is noted after it has arrived, so one that was under way when a worker died
 * is sent again. A destination that fails is tried again, later each time, and never given up: its rows wait in the database.
 */
export class StreamAudit {
  constructor(
    private readonly sql: PlatformSql,
    private readonly chain: ExportAuditChain,
    private readonly deliver: DeliverAuditPart,
    private readonly clock: Clock,
  ) {}

  /** How many parts arrived. */
  async execute(isStopping: () => boolean = () => false): Promise<number> {
    const round = { now: this.clock.now(), leaseSeconds: LEASE_SECONDS, limit: STREAMS_AT_ONCE }
    const streams = await claimAuditStreams(this.sql, round)
    const parts = await Promise.all(streams.map((stream) => this.#stream(stream, isStopping)))
    return parts.reduce((sum, count) => sum + count, 0)
  }

  async #stream(stream: DueAuditStream, isStopping: () => boolean): Promise<number> {
    let parts = 0
    let problem: string | null = null
    try {
      for (const { log, ...place } of await dueAuditParts(this.sql, stream, LOGS_PER_ROUND)) {
        if (isStopping()) break
        const made = await this.chain.execute(log, { ...place, most: ROWS_PER_PART })
        let text = ''
        for await (const piece of made.text) text += piece
        const { seq, signedTo } = made.last()
        problem = await this.deliver.execute(stream, { log, after: place.after, to: seq, signedTo, text })
        if (problem !== null) break
        await noteAuditPart(this.sql, { streamId: stream.id, log, seq, signedTo, leaseSeconds: LEASE_SECONDS, now: this.clock.now() })
        parts += 1
      }
    } finally {
      const now = this.clock.now()
      const seconds = problem === null ? PAUSE_SECONDS : Math.min(PAUSE_SECONDS * 2 ** (stream.attempts + 1), LONGEST_PAUSE_SECONDS)
      await releaseAuditStream(this.sql, { streamId: stream.id, problem, nextAttemptAt: addSeconds(now, seconds), now })
    }
    return parts
  }
}
