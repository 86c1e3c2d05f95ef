import { randomBytes } from 'node:crypto'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { inject } from 'vitest'
import { withAdmin } from './admin-client.js'

export type ServiceRole = 'portico_data' | 'portico_control' | 'portico_worker'

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
      await withAdmin(adminUrl, (client) => client.query(`drop database if exists ${databaseName} with (force)`))
    },
  }
}

/** The run's master key, 32 bytes: role passwords are derived from it, so processes under test must be given this one. */
export function testMasterKey(): Buffer {
  return Buffer.from(inject('servers').masterKey, 'base64')
}
