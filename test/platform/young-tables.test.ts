import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

const USERS = 300
const CALLS = 40
const TABLES = ['end_user', 'session', 'one_time_token']

let database: TestDatabase
let owner: Connection
beforeEach(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
})
afterEach(async () => {
  await owner.close()
  await database.drop()
})

/** Index entries and rows that were read from each table, by whatever plan. */
async function reads(): Promise<Record<string, number>> {
  await owner.query('select pg_stat_force_next_flush()')
  const rows = await owner.query<{ name: string; reads: number }>(
    `select t.relname as name, (coalesce(t.seq_tup_read, 0) + sum(i.idx_tup_read))::integer as reads from pg_stat_user_tables t join pg_stat_user_indexes i using (relid)
     where t.schemaname = 'auth' and t.relname = any ($1) group by t.relname, t.seq_tup_read`,
    [TABLES],
  )
  return Object.fromEntries(rows.map((row) => [row.name, row.reads]))
}

// With no statistics the planner takes any index on (project_id, …) for as good as the primary key, and connections keep
// that plan. How many rows it expects depends on the width of a row, so a column more must not matter.
test.each([0, 1, 40])('a login and a refresh read a few rows, however many users a project has, however new its tables are, %i columns later', async (columns) => {
  for (const table of TABLES) {
    for (let n = 0; n < columns; n++) await owner.query(`alter table auth.${table} add column later_${n} text`)
  }
  const { projectIds } = await seedProjects(owner, 1)
  const project = projectIds[0]
  for (const table of TABLES) await owner.query(`alter table auth.${table} set (autovacuum_enabled = false)`)
  await owner.query('set role portico_data')
  const session = `jsonb_build_object('id', md5($2 || n)::uuid, 'now', now(), 'amr', '["pwd"]'::jsonb, 'mfa', 'off', 'idle_seconds', 1000)`
  await owner.query(
    `select (auth.sign_up($1, jsonb_build_object('id', gen_random_uuid(), 'now', now(), 'email', n || '@example.com', 'email_typed', n || '@example.com', 'password_hash', 'h', 'metadata', '{}'::jsonb),
       ${session}, null, null)).outcome from generate_series(1, $3::integer) n`,
    [project, 'sign-up', USERS],
  )
  const before = await reads()
  for (let n = 1; n <= CALLS; n++) {
    const [user] = await owner.query<{ id: string }>('select id from auth.credential_by_email($1, $2)', [project, `${n}@example.com`])
    const started = await owner.query(
      `select outcome from auth.start_session($1, $3, 'h', null, (select ${session} from (select $4::integer as n) x))`,
      [project, 'login', user?.id, n],
    )
    expect(started).toEqual([{ outcome: 'ok' }])
    const rotated = await owner.query(
      `select outcome from auth.rotate_session($1, md5('login' || $2::integer)::uuid, 0, now(), 10, 1000, null, null)`,
      [project, n],
    )
    expect(rotated).toEqual([{ outcome: 'rotated' }])
  }
  const after = await reads()
  await owner.query('reset role')
  for (const table of TABLES) expect((after[table] ?? 0) - (before[table] ?? 0), `rows of auth.${table} read`).toBeLessThan(CALLS * 10)
})
