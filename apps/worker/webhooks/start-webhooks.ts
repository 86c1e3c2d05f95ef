import { SealedBox } from '@portico/crypto/sealed-box'
import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import type { RoleConnection } from '@portico/database/role-connection'
import type { Metrics } from '@portico/http/metrics'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { sweepWebhooks } from '@portico/platform/records/webhook-delivery.store'
import { SendWebhook } from '@portico/platform/webhooks/send-webhook'
import { runPeriodically } from '../periodic.js'
import { ReplayLoop } from './replay-loop.js'
import { WebhookRelay } from './webhook-relay.js'

const SWEEP_MS = 60_000

export interface Webhooks {
  wake: () => void
  stop(): Promise<void>
}

/** On connections of its own: a flood of ends must not keep mails waiting. */
export function startWebhooks(parts: {
  connection: RoleConnection
  masterKeys: ConstructorParameters<typeof SealedBox>[0]
  allowLoopback: boolean
  clock: Clock
  logger: Logger
  metrics: Metrics
}): Webhooks {
  const { connection, clock, logger } = parts
  const database = new Database({
    ...connection,
    poolSize: 4,
    statementTimeoutMs: 5_000,
    applicationName: 'portico-worker-webhooks',
    onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const sql = new PlatformSql(database)
  const tries = parts.metrics.counter('portico_webhooks_total', 'Tries of webhook deliveries by what became of them.', ['result'])
  const send = new SendWebhook(new SealedBox(parts.masterKeys), clock, { allowLoopback: parts.allowLoopback })
  const relay = new WebhookRelay({ sql, send, clock, logger, count: (result) => tries.inc({ result }) })
  relay.start()
  const replays = new ReplayLoop({ sql, clock, logger, onMade: relay.wake })
  replays.start()
  const sweeping = runPeriodically('old webhooks', SWEEP_MS, logger, () => sweepWebhooks(sql, { now: clock.now(), limit: 5_000 }))
  return {
    wake: relay.wake,
    async stop() {
      await Promise.all([relay.stop(), replays.stop()])
      await sweeping.stop()
      await database.close()
    },
  }
}
