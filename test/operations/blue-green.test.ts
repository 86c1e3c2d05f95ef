import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { migrate } from '@portico/database/migrate'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { systemClock } from '@portico/kernel/clock'
import { handOnEvents } from '@portico/platform/records/event-reader.store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { debianPostgresIsThere, startDebianPostgres, type DebianPostgres } from '../support/debian-postgres.js'
import { meteringOf } from '../support/metering.js'
import { testMasterKey, wantedPostgres, type TestDatabase } from '../support/postgres.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PRISMA = join(ROOT, 'prisma')
const PAGE = readFileSync(join(ROOT, 'docs/high-availability.md'), 'utf8')

/** The commands of the page, as they stand there. */
function commands(name: string): string {
  const found = new RegExp('```sql ' + name + '\\n([\\s\\S]*?)```').exec(PAGE)?.[1]
  if (found === undefined) throw new Error(`docs/high-availability.md has no commands called ${name}`)
  return found
}

describe.skipIf(!debianPostgresIsThere)('from PostgreSQL 15 to 18 by logical replication', () => {
  let folder: string
  let old: DebianPostgres
  let fresh: EmbeddedPostgres
  const databases: Record<'old' | 'new', TestDatabase> = {} as never

  /** Owned by somebody who is no superuser, as a managed one is. */
  async function owned(superuser: string): Promise<TestDatabase> {
    await withAdmin(superuser, async (client) => {
      await client.query(`create role modest login password 'pw' nosuperuser createrole`)
      await client.query('create database modest owner modest')
    })
    const url = Object.assign(new URL(superuser), { username: 'modest', password: 'pw', pathname: '/modest' }).href
    const roles = ['portico_data', 'portico_control', 'portico_worker']
    const rolePasswords = Object.fromEntries(roles.map((role) => [role, deriveRolePassword(testMasterKey(), role)]))
    await migrate({ url, prismaDir: PRISMA, rolePasswords, canary: new MasterKeyCanary({ current: testMasterKey(), previous: undefined }) })
    const roleUrl = (username: string) =>
      Object.assign(new URL(url), { username, password: deriveRolePassword(testMasterKey(), username) }).href
    return { url: superuser.replace(/\/[^/]*$/, '/modest'), databaseName: 'modest', roleUrl, drop: async () => undefined }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-blue-green-'))
    await chmod(folder, 0o711)
    // Enough for eighty tables at once.
    old = await startDebianPostgres({ settings: { wal_level: 'logical', max_wal_senders: '20', max_replication_slots: '20' } })
    const quick = { wal_retrieve_retry_interval: '100ms', max_sync_workers_per_subscription: '8', max_logical_replication_workers: '12' }
    const settings = { ...quick, max_worker_processes: '20' }
    fresh = await startEmbeddedPostgres({ dataDir: folder, fsync: false, settings, ...wantedPostgres })
    databases.old = await owned(old.url)
    databases.new = await owned(fresh.url)
  })
  afterAll(async () => {
    await fresh?.stop()
    await old?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const onNew = <R extends Record<string, unknown>>(sql: string) =>
    withAdmin(databases.new.url, async (client) => (await client.query<R>(sql)).rows)
  /** Each by itself: a subscription is not made within a transaction. */
  async function runOnNew(text: string): Promise<void> {
    for (const sql of text.split(';\n').filter((each) => each.trim() !== '')) await onNew(sql)
  }

  test('people, sessions and events go along, and each event is handed on once', { timeout: 60_000 }, async () => {
    const before = await startDataPlane(databases.old)
    const project = await createTestProject(databases.old)
    const early = await signUp(before.url + project.path)
    const oldMetering = meteringOf(databases.old, systemClock)
    const handOn = (metering: typeof oldMetering) => handOnEvents(metering.sql, { limit: 100, now: new Date(), webhookTypes: [] })
    while ((await handOn(oldMetering)) !== 0);
    // A new server counts transactions from its beginning: this one is far ahead.
    await withAdmin(databases.old.url, async (client) => {
      for (let spent = 0; spent < 20; spent += 1) await client.query('select pg_current_xact_id()')
    })

    await withAdmin(databases.old.url, (client) => client.query(commands('publisher')))
    await runOnNew(commands('subscriber').replace('$PUBLISHER', databases.old.url))
    await expect.poll(() => onNew(`select srrelid::regclass::text as name from pg_subscription_rel where srsubstate <> 'r'`), { timeout: 40_000 }).toEqual([])
    // While it runs.
    const late = await signUp(before.url + project.path)
    await before.close()
    await oldMetering.close()
    await expect.poll(async () => (await onNew(`select 1 from auth.end_user where email = '${late.email}'`)).length, { timeout: 20_000 }).toBe(1)
    await runOnNew(commands('finish'))

    const after = await startDataPlane(databases.new)
    const metering = meteringOf(databases.new, systemClock)
    const base = after.url + project.path
    expect((await call(`${after.url}/health/ready`)).status).toBe(200)
    for (const { email, refreshToken } of [early, late]) {
      expect((await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })).status).toBe(200)
      expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    }
    while ((await handOn(metering)) !== 0);
    const counted = await onNew<{ kind: string; count: string }>(
      `select kind, sum(count) as count from auth.hourly_count where kind in ('user.signed_up', 'session.started') group by 1 order by 1`,
    )
    expect(counted).toEqual([{ kind: 'session.started', count: '2' }, { kind: 'user.signed_up', count: '2' }])
    const [{ events, links, numbers }] = (await onNew<{ events: number; links: number; numbers: number }>(
      `select (select count(*)::int from auth.audit_event) as events, (select count(*)::int from auth.audit_link) as links,
        (select count(distinct number)::int from auth.audit_event) as numbers`,
    )) as [{ events: number; links: number; numbers: number }]
    expect([links, numbers]).toEqual([events, events])
    await metering.close()
    await after.close()
  })
})
