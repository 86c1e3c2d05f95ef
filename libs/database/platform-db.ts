import { PrismaPg } from '@prisma/adapter-pg'
import { openPool } from '@portico/postgres/open-pool'
import { PrismaClient } from './generated/client.js'

/** Prisma over schema `platform`; the control plane's alone. */
export type PlatformDb = PrismaClient

/** @param connectionString of role `portico_control` */
export function openPlatformDb(connectionString: string, options: { poolSize: number; statementTimeoutMs?: number }): PlatformDb {
  const pool = openPool({
    connectionString,
    size: options.poolSize,
    applicationName: 'portico-control-plane-prisma',
    ...(options.statementTimeoutMs !== undefined && { statementTimeoutMs: options.statementTimeoutMs }),
  })
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
}
