import type { Database } from '@portico/database/database'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMailFixture, type MailFixture } from '../../../test/support/mail-fixture.js'
import { connect, type Connection } from '../../../test/support/sql.js'
import { finishRows, lockWaitingRows } from './outbox-row.store.js'

const BACKLOG = 3_000
const NOW = new Date('2030-01-01T00:00:00Z')

let fixture: MailFixture
let owner: Connection
let database: Database
let db: ProjectDb
let scope: ProjectScope
beforeAll(async () => {
  fixture = await createMailFixture()
  owner = await connect(fixture.database.url)
  const opened = await fixture.openAs('portico_worker', 1)
  ;({ database, db } = opened)
  scope = opened.project.scope
})
afterAll(async () => {
  await owner.close()
  await fixture.close()
})

const enqueue = (done: boolean) =>
  owner.query<{ id: string }>(
    `insert into auth.outbox (project_id, id, kind, status, created_at, next_attempt_at, done_at)
      select $1, gen_random_uuid(), 'password_reset', case when $2 then 'sent' else 'enqueued' end, $3, $3, case when $2 then $3::timestamptz end from generate_series(1, $4) returning id`,
    [scope.projectId, done, NOW, BACKLOG],
  )

async function entriesRead(): Promise<number> {
  await owner.query('select pg_stat_force_next_flush()')
  const [row] = await owner.query<{ n: number }>(
    `select (seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid))::integer as n from pg_stat_user_tables t where relid = 'auth.outbox'::regclass`,
  )
  return row?.n ?? 0
}

test('a few mails of a backlog are taken and finished without reading the rest, also when nothing waited at the last analyse', async () => {
  await owner.query('alter table auth.outbox set (autovacuum_enabled = false)')
  await enqueue(true)
  await owner.query('analyze auth.outbox')
  const waiting = (await enqueue(false)).map(({ id }) => id)
  // Named statements get a plan of their own a few times before the common one.
  for (let call = 0; call < 10; call++) {
    const ids = waiting.slice(call * 20, call * 20 + 20)
    const before = await entriesRead()
    const rows = await db.transaction(scope, (tx) => lockWaitingRows(tx, ids, NOW))
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    await finishRows(db, scope, ids.map((id) => ({ id, status: 'sent', providerId: 'x' })), NOW)
    await database.run({ name: 'flush', text: 'select pg_stat_force_next_flush()', values: [] })
    expect((await entriesRead()) - before).toBeLessThan(BACKLOG / 2)
    expect(await db.transaction(scope, (tx) => lockWaitingRows(tx, ids, NOW))).toEqual([])
  }
})
