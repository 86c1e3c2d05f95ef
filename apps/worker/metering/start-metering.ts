import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import type { RoleConnection } from '@portico/database/role-connection'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { SealedBox } from '@portico/crypto/sealed-box'
import { DeliverAuditPart } from '@portico/platform/audit/deliver-audit-part'
import { ExportAuditChain } from '@portico/platform/audit/export-audit-chain'
import { KeepAuditRows } from '@portico/platform/audit/keep-audit-rows'
import { SignAuditHeads } from '@portico/platform/audit/sign-audit-heads'
import { StreamAudit } from '@portico/platform/audit/stream-audit'
import { AuditSigner } from '@portico/tokens/audit-signer'
import { runPeriodically } from '../periodic.js'
import { EventRelay } from './event-relay.js'
import { RollUp } from './roll-up.js'

const ROLL_UP_MS = 10_000
const SWEEP_MS = 60_000
const SIGN_MS = 60_000
const RETENTION_MS = 300_000
const STREAM_MS = 2_000

export interface Metering {
  relay: EventRelay
  stop(): Promise<void>
}

/** Events handed on, counters kept: on connections of their own (without a pooler), whose statements may take longer than a request's. */
export function startMetering(parts: {
  connection: RoleConnection
  masterKeys: { current: Buffer; previous?: Buffer | undefined }
  allowLoopback: boolean
  clock: Clock
  logger: Logger
  onHandedOn?: () => void
}): Metering {
  const { connection, clock, logger } = parts
  const database = new Database({
    ...connection,
    poolSize: 3,
    statementTimeoutMs: 20_000,
    applicationName: 'portico-worker-metering',
    onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const sql = new PlatformSql(database)
  const relay = new EventRelay({ sql, clock, logger, ...(parts.onHandedOn && { onHandedOn: parts.onHandedOn }) })
  const rollUp = new RollUp(sql, clock)
  const masterKey = parts.masterKeys.current
  const heads = new SignAuditHeads(sql, clock, masterKey)
  const rows = new KeepAuditRows(sql, clock, masterKey)
  const deliver = new DeliverAuditPart(new SealedBox(parts.masterKeys), clock, { allowLoopback: parts.allowLoopback })
  const stream = new StreamAudit(sql, new ExportAuditChain(sql, new AuditSigner(masterKey), clock), deliver, clock)
  relay.start()
  const tasks = [
    runPeriodically('counters', ROLL_UP_MS, logger, (isStopping) => rollUp.run(isStopping)),
    runPeriodically('audit heads', SIGN_MS, logger, (isStopping) => heads.execute(isStopping)),
    runPeriodically('old audit rows', RETENTION_MS, logger, (isStopping) => rows.execute(isStopping)),
    runPeriodically('audit streams', STREAM_MS, logger, (isStopping) => stream.execute(isStopping)),
    runPeriodically('old counters', SWEEP_MS, logger, () => rollUp.sweep()),
  ]
  return {
    relay,
    async stop() {
      await relay.stop()
      await Promise.all(tasks.map((task) => task.stop()))
      await database.close()
    },
  }
}
