import type { ControlPlaneConfig } from '@portico/config/control-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { connectionProblem } from '@portico/database/connection-problem'
import { Database, type StatementRunner } from '@portico/database/database'
import { ReadReplica } from '@portico/database/read-replica'
import { roleConnection } from '@portico/database/role-connection'
import type { Logger } from '@portico/http/request-log'

/** What lists and figures are read from: the copy of `DATABASE_REPLICA_URL`, or the database itself where none is named. */
export function openReplica(
  config: Pick<ControlPlaneConfig, 'replicaDatabaseUrl' | 'databasePoolSize'>,
  { role, passwords }: { role: string; passwords: readonly [string, ...string[]] },
  { primary, logger, lagSeconds }: { primary: Database; logger: Logger; lagSeconds: number | undefined },
): { reads: StatementRunner; close(): Promise<void> } {
  if (config.replicaDatabaseUrl === null) return { reads: primary, close: async () => undefined }
  const replica = new Database({
    ...roleConnection(roleDatabaseUrl(config.replicaDatabaseUrl, role, passwords[0]), passwords),
    poolSize: config.databasePoolSize,
    applicationName: 'portico-control-plane-replica',
    onIdleError: (error) => logger.warn({ err: error }, 'a connection to the replica was lost'),
  })
  const reads = new ReadReplica(replica, primary, {
    ...(lagSeconds !== undefined && { lagSeconds }),
    onChange: (state, cause) => {
      const why = cause === undefined ? null : connectionProblem(cause)
      logger.warn({ state, why }, state === 'used' ? 'lists are read from the replica' : 'lists are read from the primary')
    },
  })
  return { reads, close: () => replica.close() }
}
