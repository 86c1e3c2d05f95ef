import { readControlPlaneConfig } from '@portico/config/control-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import { deriveRolePasswords } from '@portico/crypto/role-password'
import { SealedBox } from '@portico/crypto/sealed-box'
import { Database } from '@portico/database/database'
import { openPlatformDb } from '@portico/database/platform-db'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { roleConnection } from '@portico/database/role-connection'
import { resealCanary } from '@portico/platform/master-key/reseal-canary'
import { ResealProject } from '@portico/platform/master-key/reseal-project'
import { resealTenantSenders } from '@portico/platform/master-key/reseal-tenant-senders'
import { resealAuditStreams } from '@portico/platform/master-key/reseal-audit-streams'
import { resealTenantWebhooks } from '@portico/platform/master-key/reseal-tenant-webhooks'
import { listProjectIds } from '@portico/platform/records/project.store'

/**
 * Master-key rotation, last step: run with the new key in PORTICO_MASTER_KEY and the old one in PORTICO_MASTER_KEY_PREVIOUS.
 * May be stopped and started again; when it says «0 values», the old key can go.
 */
const config = readControlPlaneConfig(process.env)
const role = `${config.databaseRolePrefix}_control`
const passwords = deriveRolePasswords(config, role)
const connection = roleConnection(roleDatabaseUrl(config.databaseUrl, role, passwords[0]), passwords)
const masterKeys = { current: config.masterKey, previous: config.previousMasterKey ?? undefined }
const database = new Database({ ...connection, poolSize: 2, applicationName: 'portico-reseal' })
const platform = openPlatformDb(connection, { poolSize: 2 })
const platformSql = new PlatformSql(database)
const directory = new ProjectDirectory(database)
const box = new SealedBox(masterKeys)
const reseal = new ResealProject(new ProjectDb(database), box)

let stopping = false
process.once('SIGTERM', () => (stopping = true)).once('SIGINT', () => (stopping = true))

const PAGE = 500
let projects = 0
let values = 0
let after: string | null = null
while (!stopping) {
  const page: string[] = await listProjectIds(platform, after, PAGE)
  if (page.length === 0) break
  for (const id of page) {
    if (stopping) break
    const record = await directory.resolve(id)
    if (record) values += await reseal.execute(record.scope)
    projects += 1
  }
  after = page.at(-1)!
  process.stderr.write(`${projects} projects read, ${values} values sealed again\n`)
}
if (!stopping) values += await resealTenantSenders(platformSql, box)
if (!stopping) values += await resealTenantWebhooks(platformSql, box)
if (!stopping) values += await resealAuditStreams(platformSql, box)
// Last, so that a canary under the new key says that everything is.
if (!stopping) await resealCanary(platformSql, new MasterKeyCanary(masterKeys))
process.stdout.write(`${values} values in ${projects} projects were sealed again${stopping ? '; stopped, run it again to go on' : ''}\n`)
await platform.$disconnect()
await database.close()
