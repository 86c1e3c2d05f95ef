import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'

/**
 * Lists of rows that come in thousands at one instant (a replay, an import): a page is read from an index in the order of the list. One
 * that gives the instant alone makes every page sort all rows of it, with their bodies.
 */
let owner: Connection
beforeAll(async () => {
  const database = await createTestDatabase()
  owner = await connect(database.url)
  // With sorting at any price forbidden, a plan sorts only where no index has the order.
  await owner.query('set enable_seqscan = off')
  await owner.query('set enable_sort = off')
  await owner.query('set enable_incremental_sort = off')
})
afterAll(() => owner?.close())

test.each([
  ['deliveries of an endpoint', 'auth.webhook_delivery where endpoint_id = $1'],
  ['the audit log of a project', 'auth.audit_event where project_id = $1'],
  ['the audit log of a tenant', 'platform.audit_event where tenant_id = $1'],
])('%s', async (_, from) => {
  const list = `select id from ${from.replace('$1', `'${randomUUID()}'`)} order by created_at desc, id desc limit 20`
  const plan = JSON.stringify(await owner.query(`explain (format json) ${list}`))
  expect(plan).toContain('Index')
  expect(plan).not.toContain('Sort')
})
