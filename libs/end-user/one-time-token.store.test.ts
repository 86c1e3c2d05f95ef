import { randomBytes } from 'node:crypto'
import { Database } from '@portico/database/database'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.js'
import { consumeOneTimeToken, issueOneTimeTokens, voidOneTimeTokens, type OneTimePurpose } from './one-time-token.store.js'

let fixture: MailFixture
let database: Database
let db: ProjectDb
let scope: ProjectScope
beforeAll(async () => {
  fixture = await createMailFixture()
  database = new Database({ connectionString: fixture.database.roleUrl('portico_data'), poolSize: 10, applicationName: 'test' })
  db = new ProjectDb(database)
  const record = await new ProjectDirectory(database).resolve(fixture.projectId)
  if (!record) throw new Error('no project')
  scope = record.scope
})
afterAll(async () => {
  await database.close()
  await fixture.close()
})

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1_000)
const reset = 'password_reset'

async function issue(endUserId: string, options: { digest?: Buffer; createdAt?: Date; purpose?: OneTimePurpose } = {}) {
  const { digest = randomBytes(32), createdAt = at(0), purpose = reset } = options
  const [issued] = await db.transaction(scope, (tx) => issueOneTimeTokens(tx, [{ digest, purpose, endUserId, payload: { a: 1 }, createdAt, expiresAt: at(3_600) }]))
  return { digest, issued }
}
const consume = (digest: Buffer, purpose: OneTimePurpose = reset, now = at(10)) =>
  db.transaction(scope, (tx) => consumeOneTimeToken(tx, { digest, purpose, now }))

test('of twenty callers at once exactly one spends a token', async () => {
  const { id } = await fixture.addUser()
  const { digest } = await issue(id)
  const results = await Promise.all(Array.from({ length: 20 }, () => consume(digest)))
  expect(results.filter(Boolean)).toEqual([{ endUserId: id, payload: { a: 1 } }])
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
  const given = ([[one.id, reset, 0], [one.id, reset, 2], [one.id, 'email_confirm', 1], [two.id, reset, 0], [one.id, 'email_change_undo', 0], [one.id, 'email_change_undo', 1]] as const).map(
    ([endUserId, purpose, seconds]) => ({ digest: randomBytes(32), purpose, endUserId, createdAt: at(seconds), expiresAt: at(3_600) }),
  )
  expect(await db.transaction(scope, (tx) => issueOneTimeTokens(tx, given))).toEqual([false, true, true, true, true, true])
  expect(await consume(before.digest)).toBeNull()
  const spent = await Promise.all(given.map(({ digest, purpose }) => consume(digest, purpose)))
  expect(spent.map((each) => each?.endUserId ?? null)).toEqual([null, one.id, one.id, two.id, one.id, one.id])
})
