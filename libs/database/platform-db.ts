import { PrismaPg } from '@prisma/adapter-pg'
import { openPool } from '@portico/postgres/open-pool'
import { PrismaClient } from './generated/client.js'
import type { RoleConnection } from './role-connection.js'

/** Prisma over schema `platform`; the control plane's alone. */
export type PlatformDb = PrismaClient

/** A question to a copy of the database where one has everything, else to the database itself. Nothing is written by it. */
export type PlatformReads = <T>(work: (db: PlatformDb) => Promise<T>) => Promise<T>

/** @param connection of role `portico_control` */
export function openPlatformDb(connection: RoleConnection, options: { poolSize: number; applicationName?: string }): PlatformDb {
  const { watch, ...rest } = connection
  const pool = openPool({
    ...rest,
    ...(watch && { watched: { watch, probe: false } }),
    size: options.poolSize,
    applicationName: options.applicationName ?? 'portico-control-plane-prisma',
  })
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
}
