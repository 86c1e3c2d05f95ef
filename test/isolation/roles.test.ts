import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type ServiceRole, type TestDatabase } from '../support/postgres.js'
import { connect, refusal, seedProjects, type Connection } from '../support/sql.js'

const ROLES: ServiceRole[] = ['portico_data', 'portico_control', 'portico_worker']

describe('the database, asked by each service role', () => {
  let database: TestDatabase
  let owner: Connection
  const as = new Map<ServiceRole, Connection>()
  let mine: string
  let theirs: string
  beforeAll(async () => {
    database = await createTestDatabase()
    owner = await connect(database.url)
    const { projectIds } = await seedProjects(owner, 2)
    mine = projectIds[0]!
    theirs = projectIds[1]!
    for (const project of projectIds) {
      await owner.query(
        `insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at) values ($1, gen_random_uuid(), 'same@example.com', 'same@example.com', now(), now())`,
        [project],
      )
      await owner.query(
        `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
         select project_id, gen_random_uuid(), id, now(), now(), now(), '{pwd}' from auth.end_user where project_id = $1`,
        [project],
      )
    }
    for (const role of ROLES) as.set(role, await connect(database.roleUrl(role)))
  })
  afterAll(async () => {
    for (const connection of as.values()) await connection.close()
    await owner.close()
    await database.drop()
  })

  const granted = async (role: ServiceRole) =>
    (
      await owner.query<{ name: string }>(
        `select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
         where c.relkind = 'r' and has_table_privilege($1, c.oid, 'select')`,
        [role],
      )
    ).map((row) => row.name)

  test.each(ROLES)('%s without a scope gets an error from every table, never an empty answer', async (role) => {
    const tables = await granted(role)
    expect(tables.length).toBeGreaterThan(3)
    for (const table of tables) {
      expect(await refusal(as.get(role)!.query(`select * from ${table}`)), table).toMatch(/^(42704|22P02)$/)
    }
  })

  test.each(ROLES)('%s in the scope of one project sees no row of another, even when it asks for it by id', async (role) => {
    const db = as.get(role)!
    for (const table of await granted(role)) {
      await db.query('begin')
      await db.query(`select set_config('portico.project_id', $1, true)`, [mine])
      expect(await db.query(`select 1 from ${table} where project_id = $1`, [theirs]), table).toEqual([])
      await db.query('rollback')
    }
  })

  test('a scope ends with its transaction: the next user of the connection starts without one', async () => {
    const db = as.get('portico_data')!
    await db.query('begin')
    await db.query(`select set_config('portico.project_id', $1, true)`, [mine])
    expect(await db.query('select email from auth.end_user')).toHaveLength(1)
    await db.query('commit')
    expect(await refusal(db.query('select email from auth.end_user'))).toBe('22P02')
  })

  test('a row cannot be written into another project', async () => {
    const db = as.get('portico_data')!
    await db.query('begin')
    await db.query(`select set_config('portico.project_id', $1, true)`, [mine])
    expect(
      await refusal(
        db.query(`insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at) values ($1, gen_random_uuid(), 'x@y.zz', 'x@y.zz', now(), now())`, [theirs]),
      ),
    ).toBe('42501')
    await db.query('rollback')
  })

  test('a row cannot be moved into another project', async () => {
    const db = as.get('portico_data')!
    await db.query('begin')
    await db.query(`select set_config('portico.project_id', $1, true)`, [mine])
    expect(await refusal(db.query('update auth.end_user set project_id = $1', [theirs]))).toBe('42501')
    await db.query('rollback')
  })

  test('a foreign key cannot cross projects, although its check ignores row security', async () => {
    const [foreign] = await owner.query<{ id: string }>('select id from auth.end_user where project_id = $1', [theirs])
    const db = as.get('portico_data')!
    await db.query('begin')
    await db.query(`select set_config('portico.project_id', $1, true)`, [mine])
    expect(
      await refusal(
        db.query(
          `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr) values ($1, gen_random_uuid(), $2, now(), now(), now(), '{pwd}')`,
          [mine, foreign!.id],
        ),
      ),
    ).toBe('23503')
    await db.query('rollback')
  })

  test('the data plane has nothing to do with the platform, the keys or the settings tables', async () => {
    const db = as.get('portico_data')!
    expect(await refusal(db.query('select * from platform.api_key'))).toBe('42501')
    await db.query(`select set_config('portico.project_id', '${mine}', false)`)
    expect(await refusal(db.query('select * from auth.signing_key'))).toBe('42501')
    expect(await refusal(db.query('select * from auth.service'))).toBe('42501')
    expect(await refusal(db.query('select * from auth.audit_event'))).toBe('42501')
    await db.query(`select set_config('portico.project_id', '', false)`)
  })

  test.each(ROLES)('%s can neither read past row security nor become somebody who can', async (role) => {
    const db = as.get(role)!
    expect(await refusal(db.query('set role portico_maintenance'))).toBe('42501')
    expect(await refusal(db.query('set row_security = off; select * from auth.end_user'))).toMatch(/^(42501|42704|22P02)$/)
    await db.query('set row_security = on')
    expect(await refusal(db.query('alter table auth.end_user no force row level security'))).toBe('42501')
    expect(await refusal(db.query('create function auth.mine() returns int language sql as $$ select 1 $$'))).toBe('42501')
    expect(await refusal(db.query(`select auth.sweep_expired(now(), 1)`))).toBe(role === 'portico_worker' ? null : '42501')
  })
})
