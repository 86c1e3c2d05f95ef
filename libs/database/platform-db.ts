import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.js'

/** Prisma over schema `platform`; the control plane's alone. */
export type PlatformDb = PrismaClient

/** @param connectionString of role `portico_control` */
export function openPlatformDb(connectionString: string, options: { poolSize: number; statementTimeoutMs?: number }): PlatformDb {
  const statementTimeoutMs = options.statementTimeoutMs ?? 2_000
  return new PrismaClient({
    adapter: new PrismaPg({
      connectionString,
      max: options.poolSize,
      connectionTimeoutMillis: 2_000,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 500,
      application_name: 'portico-control-plane-prisma',
    }),
  })
}
