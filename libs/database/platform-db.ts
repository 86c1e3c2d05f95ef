import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from './generated/client.js'

/** Prisma over schema `platform`; the control plane's alone. */
export type PlatformDb = PrismaClient

/** @param connectionString of role `portico_control` */
export function openPlatformDb(connectionString: string, options: { poolSize: number; statementTimeoutMs?: number }): PlatformDb {
  const statementTimeoutMs = options.statementTimeoutMs ?? 2_000
  const pool = new pg.Pool({
    connectionString,
    max: options.poolSize,
    connectionTimeoutMillis: 2_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 500,
    application_name: 'portico-control-plane-prisma',
  })
  // Prisma listens to a client only a moment after it was given one, and an error event that nobody hears ends the process (see PatientClient).
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
}
