import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'
import { fill, projectTables } from './database-attempts.js'

let database: TestDatabase
let owner: Connection
beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
})
afterAll(async () => {
  await owner.close()
  await database.drop()
})

test('a project archived for 30 days leaves no row in any table, and takes none of its neighbour’s', async () => {
  const { projectIds } = await seedProjects(owner, 2)
  const [archived = '', neighbour = ''] = projectIds
  const tables = await projectTables(owner)
  for (const table of tables) for (const project of projectIds) await fill(owner, table, project)
  const rowsOf = async (project: string) => {
    const counts: Record<string, number> = {}
    for (const table of tables) {
      const [row] = await owner.query<{ rows: number }>(`select count(*)::int as rows from ${table} where project_id = $1`, [project])
      counts[table] = row?.rows ?? 0
    }
    return counts
  }
  const before = await rowsOf(neighbour)
  expect(Object.values(before)).not.toContain(0)

  await owner.query(`update platform.project set archived_at = now() - interval '30 days 1 minute' where id = $1`, [archived])
  // Of a round that had more to do, another one takes the rest.
  for (let round = 0; round < 10; round += 1) await owner.query('select auth.sweep_expired(now(), 1000)')

  expect(Object.entries(await rowsOf(archived)).filter(([, rows]) => rows !== 0)).toEqual([])
  expect(await owner.query('select 1 from platform.project where id = $1', [archived])).toEqual([])
  expect(await rowsOf(neighbour)).toEqual(before)
})
