import { randomBytes } from 'node:crypto'
import type { Database } from '@portico/database/database'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMailFixture, type MailFixture } from '../../../test/support/mail-fixture.js'
import { consumeOneTimeToken, issueOneTimeTokens, voidOneTimeTokens, type OneTimePurpose } from './one-time-token.store.js'

let fixture: MailFixture
let database: Database
let db: ProjectDb
let scope: ProjectScope
beforeAll(async () => {
  fixture = await createMailFixture()
  const opened = await fixture.openAs('portico_data', 10)
  ;({ database, db } = opened)
  scope = opened.project.scope
})
afterAll(() => fixture.close())

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1_000)
const reset = 'password_reset'

async function issue(endUserId: string, options: { digest?: Buffer; createdAt?: Date; purpose?: OneTimePurpose } = {}) {
  const { digest = randomBytes(32), createdAt = at(0), purpose = reset } = options
  const [issued] = await db.transaction(scope, (tx) =>
    issueOneTimeTokens(tx, [{ digest, purpose, endUserId, payload: { a: 1 }, createdAt, expiresAt: at(3_600) }]),
  )
  return { digest, issued }
}
const consume = (digest: Buffer, purpose: OneTimePurpose = reset, now = at(10)) =>
  db.transaction(scope, (tx) => consumeOneTimeToken(tx, { digest, purpose, now }))

test('of twenty callers at once exactly one spends a token', async () => {
  const { id } = await fixture.addUser()
  const { digest } = await issue(id)
  const results = await Promise.all(Array.from({ length: 20 }, () => consume(digest)))
  expect(results.filter(Boolean)).toEqual([{ endUserId: id, payload: { a: 1 }, createdAt: expect.any(Date) }])
})

test('a token works for its purpose only, until its end, and not unknown', async () => {
  const { id } = await fixture.addUser()
  const { digest } = await issue(id)
  expect(await consume(digest, 'email_confirm')).toBeNull()
  expect(await consume(digest, reset, at(3_600))).toBeNull()
  expect(await consume(randomBytes(32))).toBeNull()
  expect(await consume(digest, reset, at(3_599))).not.toBeNull()
})

test('a later token voids the earlier one of its purpose and no other', async () => {
  const { id } = await fixture.addUser()
  const other = await issue(id, { purpose: 'email_confirm' })
  const early = await issue(id)
  const late = await issue(id, { createdAt: at(1) })
  expect(await consume(early.digest)).toBeNull()
  expect(await consume(other.digest, 'email_confirm')).not.toBeNull()
  expect(await consume(late.digest)).not.toBeNull()
})

test('an earlier request that is worked on late is not issued any more', async () => {
  const { id } = await fixture.addUser()
  const late = await issue(id, { createdAt: at(1) })
  const early = await issue(id)
  expect(early.issued).toBe(false)
  expect(await consume(early.digest)).toBeNull()
  expect(await consume(late.digest)).not.toBeNull()
})

test('asking again for the same token is fine until it was spent or taken back', async () => {
  const { id } = await fixture.addUser()
  const first = await issue(id)
  expect((await issue(id, { digest: first.digest })).issued).toBe(true)
  await consume(first.digest)
  expect((await issue(id, { digest: first.digest })).issued).toBe(false)
  const second = await issue(id, { createdAt: at(1) })
  await db.transaction(scope, (tx) => voidOneTimeTokens(tx, { endUserId: id, purposes: [reset], now: at(2) }))
  expect((await issue(id, { digest: second.digest, createdAt: at(1) })).issued).toBe(false)
  expect(await consume(second.digest)).toBeNull()
})

test('a second change of address leaves the first undo link alive', async () => {
  const { id } = await fixture.addUser()
  const purpose = 'email_change_undo'
  const late = await issue(id, { purpose, createdAt: at(1) })
  const early = await issue(id, { purpose })
  expect([early.issued, late.issued]).toEqual([true, true])
  expect(await consume(late.digest, purpose)).not.toBeNull()
  expect(await consume(early.digest, purpose)).not.toBeNull()
})

test('of several stored at once, for each person and purpose only the latest counts; undo links all do', async () => {
  const [one, two] = [await fixture.addUser(), await fixture.addUser()]
  const before = await issue(one.id, { createdAt: at(-1) })
  const given = (
    [
      [one.id, reset, 0],
      [one.id, reset, 2],
      [one.id, 'email_confirm', 1],
      [two.id, reset, 0],
      [one.id, 'email_change_undo', 0],
      [one.id, 'email_change_undo', 1],
    ] as const
  ).map(([endUserId, purpose, seconds]) => ({ digest: randomBytes(32), purpose, endUserId, createdAt: at(seconds), expiresAt: at(3_600) }))
  expect(await db.transaction(scope, (tx) => issueOneTimeTokens(tx, given))).toEqual([false, true, true, true, true, true])
  expect(await consume(before.digest)).toBeNull()
  const spent = await Promise.all(given.map(({ digest, purpose }) => consume(digest, purpose)))
  expect(spent.map((each) => each?.endUserId ?? null)).toEqual([null, one.id, one.id, two.id, one.id, one.id])
})

test('a round of mails finds its tokens without reading the others, also by a plan that was made while there were none', async () => {
  const { owner, projectId } = fixture
  await owner.query('alter table auth.one_time_token set (autovacuum_enabled = false)')
  await owner.query('alter table auth.end_user set (autovacuum_enabled = false)')
  await owner.query('truncate auth.one_time_token')
  const round = (people: readonly { id: string }[]) =>
    people.map(({ id }) => ({ digest: randomBytes(32), purpose: reset, endUserId: id, createdAt: at(0), expiresAt: at(3_600) }) as const)
  // Named statements get a plan of their own five times, and then one that stays until the table is analysed.
  const few = await Promise.all(Array.from({ length: 20 }, () => fixture.addUser()))
  for (let call = 0; call < 100; call++) await db.transaction(scope, (tx) => issueOneTimeTokens(tx, round(few)))
  const people = await owner.query<{ id: string }>(
    `insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at)
      select $1, gen_random_uuid(), n || '@example.net', n || '@example.net', now(), now() from generate_series(1, 3000) n returning id`,
    [projectId],
  )
  await owner.query(
    `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, created_at, expires_at)
      select project_id, sha256(id::text::bytea), 'password_reset', id, $2, $2 from auth.end_user where project_id = $1 and email like '%@example.net'`,
    [projectId, at(-10)],
  )
  const entriesRead = async () => {
    await Promise.all(
      Array.from({ length: 10 }, () =>
        database.run({ name: 'flush', text: 'select pg_stat_force_next_flush(), pg_sleep(0.01)', values: [] }),
      ),
    )
    const [row] = await owner.query<{ n: number }>(
      `select (seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid))::integer as n
        from pg_stat_user_tables t where relid = 'auth.one_time_token'::regclass`,
    )
    return row?.n ?? 0
  }
  for (let turn = 0; turn < 10; turn++) {
    const before = await entriesRead()
    const given = round(people.slice(turn * 20, turn * 20 + 20))
    expect(await db.transaction(scope, (tx) => issueOneTimeTokens(tx, given))).toEqual(given.map(() => true))
    expect((await entriesRead()) - before).toBeLessThan(1_000)
  }
  const [left] = await owner.query<{ n: string }>(
    `select count(*) n from auth.one_time_token where created_at = $1 and voided_at is null`,
    [at(-10)],
  )
  expect(Number(left?.n)).toBe(2_800)
})
