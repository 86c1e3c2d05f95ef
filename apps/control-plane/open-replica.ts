import type { ControlPlaneConfig } from '@portico/config/control-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { connectionProblem } from '@portico/database/connection-problem'
import { Database, type StatementRunner } from '@portico/database/database'
import { ReadReplica } from '@portico/database/read-replica'
import { openPlatformDb, type PlatformDb, type PlatformReads } from '@portico/database/platform-db'
import { roleConnection, type RoleConnection } from '@portico/database/role-connection'
import { watchedCopy } from '@portico/database/watched-connection'
import type { Logger } from '@portico/http/request-log'

/** What lists and figures are read from: the copy of `DATABASE_REPLICA_URL`, or the database itself where none is named. */
export interface Reading {
  reads: StatementRunner
  platformReads: PlatformReads
  close(): Promise<void>
}

interface Primary {
  primary: Database
  platformDb: PlatformDb
  watch: NonNullable<RoleConnection['watch']>
}

export function openReplica(
  config: Pick<ControlPlaneConfig, 'replicaDatabaseUrl' | 'databasePoolSize'>,
  { role, passwords }: { role: string; passwords: readonly [string, ...string[]] },
  { primary, platformDb, watch, logger, waitMs }: Primary & { logger: Logger; waitMs: number | undefined },
): Reading {
  if (config.replicaDatabaseUrl === null) return { reads: primary, platformReads: (work) => work(platformDb), close: async () => undefined }
  const connection = watchedCopy(roleConnection(roleDatabaseUrl(config.replicaDatabaseUrl, role, passwords[0]), passwords), watch)
  const replica = new Database({
    ...connection,
    poolSize: config.databasePoolSize,
    applicationName: 'portico-control-plane-replica',
    onIdleError: (error) => logger.warn({ err: error }, 'a connection to the replica was lost'),
  })
  const platformReplica = openPlatformDb(connection, {
    poolSize: config.databasePoolSize,
    applicationName: 'portico-control-plane-replica',
  })
  const reads = new ReadReplica(replica, primary, {
    ...(waitMs !== undefined && { waitMs }),
    onChange: (state, cause) => {
      const why = cause === undefined ? null : connectionProblem(cause)
      logger.warn({ state, why }, state === 'used' ? 'lists are read from the replica' : 'lists are read from the primary')
    },
  })
  return {
    reads,
    platformReads: (work) => reads.read(() => work(platformReplica), () => work(platformDb)),
    close: async () => void (await Promise.all([replica.close(), platformReplica.$disconnect()])),
  }
}
