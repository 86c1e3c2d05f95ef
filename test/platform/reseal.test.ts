import { SealedBox, SealedBoxError } from '@portico/crypto/sealed-box'
import { mailSenderContext, runtimeVariableContext, signingKeyContext, webhookSecretContext } from '@portico/crypto/seal-context'
import { Database } from '@portico/database/database'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { ResealProject } from '@portico/platform/master-key/reseal-project'
import { SEALED_COLUMNS } from '@portico/platform/records/sealed-column.store'
import { resealTenantSenders } from '@portico/platform/master-key/reseal-tenant-senders'
import { resealTenantWebhooks } from '@portico/platform/master-key/reseal-tenant-webhooks'
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

// Short-lived: an idempotent answer (a day), a flow that is over in ten minutes.
const SHORT_LIVED = new Set(['auth.oauth_flow.verifier_sealed', 'platform.idempotency_record.answer_sealed'])

// Of a tenant and not of a project: sealed again by `resealTenantSenders` and `resealTenantWebhooks`, below.
const OF_TENANTS = new Set(['platform.mail_sender.secret_sealed', 'platform.webhook_endpoint.secret_sealed'])

describe('sealing again after the master key changed', () => {
  let testDatabase: TestDatabase
  let owner: Connection
  let database: Database
  let directory: ProjectDirectory
  const oldKey = randomBytes(32)
  const newKey = randomBytes(32)
  const before = new SealedBox({ current: oldKey })
  const during = new SealedBox({ current: newKey, previous: oldKey })
  const after = new SealedBox({ current: newKey })

  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    owner = await connect(testDatabase.url)
    database = new Database({ connectionString: testDatabase.roleUrl('portico_control'), poolSize: 3, applicationName: 'test' })
    directory = new ProjectDirectory(database)
  })
  afterAll(async () => {
    await database.close()
    await owner.close()
    await testDatabase.drop()
  })

  async function seed(): Promise<string> {
    const { projectIds } = await seedProjects(owner, 1)
    const id = projectIds[0]!
    for (const kid of ['one', 'two']) {
      await owner.query(
        `insert into auth.signing_key (project_id, kid, alg, state, sealed, created_at) values ($1, $2, 'HS256', 'standby', $3, now())`,
        [id, kid, before.seal(`secret ${kid}`, signingKeyContext(id, kid))],
      )
    }
    await owner.query('insert into auth.runtime_variable (project_id, name, sealed, updated_at) values ($1, $2, $3, now())', [
      id,
      'STRIPE_KEY',
      before.seal('sk_1', runtimeVariableContext(id, 'STRIPE_KEY')),
    ])
    return id
  }

  test('every value opens with the new key alone, and a second run finds nothing to do', async () => {
    const id = await seed()
    const { scope } = (await directory.resolve(id))!
    const reseal = new ResealProject(new ProjectDb(database), during)
    expect(await reseal.execute(scope)).toBe(3)
    expect(await reseal.execute(scope)).toBe(0)
    const keys = await owner.query<{ kid: string; sealed: Buffer }>(
      'select kid, sealed from auth.signing_key where project_id = $1 order by kid',
      [id],
    )
    expect(keys.map(({ kid, sealed }) => after.open(sealed, signingKeyContext(id, kid)).toString())).toEqual(['secret one', 'secret two'])
    const [variable] = await owner.query<{ sealed: Buffer }>('select sealed from auth.runtime_variable where project_id = $1', [id])
    expect(after.open(variable!.sealed, runtimeVariableContext(id, 'STRIPE_KEY')).toString()).toBe('sk_1')
  })

  test('two runs at once seal every value exactly once', async () => {
    const { scope } = (await directory.resolve(await seed()))!
    const reseal = new ResealProject(new ProjectDb(database), during)
    const counts = await Promise.all([reseal.execute(scope), reseal.execute(scope)])
    expect(counts[0]! + counts[1]!).toBe(3)
  })

  test('a value moved to another row does not open', async () => {
    const id = await seed()
    await owner.query(
      `update auth.signing_key set sealed = (select sealed from auth.signing_key where project_id = $1 and kid = 'one') where project_id = $1 and kid = 'two'`,
      [id],
    )
    await expect(new ResealProject(new ProjectDb(database), during).execute((await directory.resolve(id))!.scope)).rejects.toThrow(
      SealedBoxError,
    )
  })

  test('the secret of a tenant’s mail sender opens with the new key alone', async () => {
    const { tenantId } = await seedProjects(owner, 1)
    const senderId = randomUUID()
    await owner.query(
      `insert into platform.mail_sender (tenant_id, id, kind, from_address, secret_sealed, state, created_at, updated_at)
        values ($1, $2, 'smtp', 'a@example.com', $3, 'ready', now(), now())`,
      [tenantId, senderId, before.seal('pw', mailSenderContext(tenantId, senderId))],
    )
    const sql = new PlatformSql(database)
    expect([await resealTenantSenders(sql, during), await resealTenantSenders(sql, during)]).toEqual([1, 0])
    const [row] = await owner.query<{ secret_sealed: Buffer }>('select secret_sealed from platform.mail_sender where tenant_id = $1', [
      tenantId,
    ])
    expect(after.open(row!.secret_sealed, mailSenderContext(tenantId, senderId)).toString()).toBe('pw')
  })

  test('so do the secrets of a tenant’s webhook endpoint', async () => {
    const { tenantId } = await seedProjects(owner, 1)
    const id = randomUUID()
    await owner.query(
      `insert into platform.webhook_endpoint (tenant_id, id, url, secret_sealed, created_at, updated_at)
        values ($1, $2, 'https://example.com', $3, now(), now())`,
      [tenantId, id, before.seal('whsec', webhookSecretContext(tenantId, id))],
    )
    const sql = new PlatformSql(database)
    expect([await resealTenantWebhooks(sql, during), await resealTenantWebhooks(sql, during)]).toEqual([1, 0])
    const [row] = await owner.query<{ secret_sealed: Buffer }>('select secret_sealed from platform.webhook_endpoint where id = $1', [id])
    expect(after.open(row!.secret_sealed, webhookSecretContext(tenantId, id)).toString()).toBe('whsec')
  })

  test('every sealed column is on the list, or is known to live for a day at most', async () => {
    const columns = await owner.query<{ name: string }>(`select n.nspname || '.' || c.relname || '.' || a.attname as name
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and a.attname ~ 'sealed$' and not a.attisdropped and n.nspname in ('auth', 'platform')`)
    const listed = new Set(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`))
    expect(columns.map(({ name }) => name).filter((name) => !listed.has(name) && !SHORT_LIVED.has(name) && !OF_TENANTS.has(name))).toEqual(
      [],
    )
    expect(columns.length).toBe(listed.size + SHORT_LIVED.size + OF_TENANTS.size)
  })
})
