import { randomBytes } from 'node:crypto'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { inject } from 'vitest'
import { withAdmin } from './admin-client.js'

export type ServiceRole = 'portico_data' | 'portico_control' | 'portico_worker'

/** For a server of a test's own: the release that `npm run proof:postgres` is about, else the one that comes with npm. */
export const wantedPostgres = process.env['TEST_POSTGRES_PROGRAMS'] ? { programs: process.env['TEST_POSTGRES_PROGRAMS'] } : {}

export interface TestDatabase {
  /** As the owner: sees everything, may break everything. */
  url: string
  databaseName: string
  /** As a service sees it: restricted, under row security. */
  roleUrl(role: ServiceRole): string
  drop(): Promise<void>
}

/** A migrated database of the caller's own (a copy of the run's template, some 60 ms). Call `drop()` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, template } = inject('servers')
  const databaseName = `portico_test_${randomBytes(6).toString('hex')}`
  await withAdmin(adminUrl, (client) => client.query(`create database ${databaseName} template ${template}`))
  const url = new URL(adminUrl)
  url.pathname = `/${databaseName}`
  return {
    url: url.href,
    databaseName,
    roleUrl: (role) => {
      const roleUrl = new URL(url)
      roleUrl.username = role
      roleUrl.password = deriveRolePassword(testMasterKey(), role)
      return roleUrl.href
    },
    drop: async () => {
      const deadlocks = await withAdmin(adminUrl, async (client) => {
        const { rows } = await client.query<{ deadlocks: number }>('select deadlocks::int from pg_stat_database where datname = $1', [
          databaseName,
        ])
        await client.query(`drop database if exists ${databaseName} with (force)`)
        return rows[0]?.deadlocks ?? 0
      })
      // The one that PostgreSQL picks is answered 503, so a test that did not look would not notice.
      if (deadlocks > 0) throw new Error(`${deadlocks} deadlocks in this test's database: two paths lock the same rows in different order`)
    },
  }
}

/** The run's master key, 32 bytes: role passwords are derived from it, so processes under test must be given this one. */
export function testMasterKey(): Buffer {
  return Buffer.from(inject('servers').masterKey, 'base64')
}

/** What a service is told as its `DATABASE_URL`: the address itself, or the run's pooler where that stands in front of this server. */
export function forServices(url: string): string {
  const { adminUrl, poolerPort } = inject('servers')
  // Several hosts in one address are no URL of the platform's, and not of the run's server.
  if (poolerPort === null || !URL.canParse(url) || new URL(url).host !== new URL(adminUrl).host) return url
  return Object.assign(new URL(url), { port: String(poolerPort) }).href
}
