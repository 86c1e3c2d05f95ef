import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'
import { REFERENCE } from './shared-out-shapes.js'
import { readVolatility, refusedByCitus, statementsIn, type Volatility } from './shared-out-statements.js'

const ROOT = new URL('../../', import.meta.url)

function sourceStatements(): { file: string; text: string }[] {
  const files = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)(dist|generated|node_modules)\//.test(file))
      .map((file) => `${folder}/${file}`),
  )
  return files.flatMap((file) => statementsIn(readFileSync(new URL(file, ROOT), 'utf8')).map((text) => ({ file, text })))
}

describe('every statement of the program is one that Citus takes', () => {
  let database: TestDatabase
  let owner: Connection
  let shared: string[]
  let volatility: Volatility
  beforeAll(async () => {
    database = await createTestDatabase()
    owner = await connect(database.url)
    volatility = await readVolatility(owner)
    const tables = await owner.query<{ name: string }>(`select 'auth.' || relname as name from pg_class where relkind = 'r' and relnamespace = 'auth'::regnamespace`)
    shared = tables.map(({ name }) => name).filter((name) => !REFERENCE.includes(name))
  })
  afterAll(async () => {
    await owner?.close()
    await database?.drop()
  })

  test('in the sources', () => {
    const statements = sourceStatements()
    expect(statements.length).toBeGreaterThan(300)
    expect(
      statements.flatMap(({ file, text }) => refusedByCitus(text, shared, volatility).map((problem) => `${file}: ${problem}: ${text.slice(0, 90)}`)),
    ).toEqual([])
  })

  test('one transaction writes to a project as one role: a definer asked within one goes where the project lies', async () => {
    // Citus refuses the second («modified in this transaction by a different user»), but for a function that it may send along.
    const definers = await owner.query<{ name: string; travels: boolean; asks: string[] }>(
      `select 'auth.' || proname as name, coalesce(proargnames[1] = 'p_project' and prosrc !~ '\\m(platform|metering|limits)\\.', false) as travels,
         array(select distinct m[1] from regexp_matches(prosrc, '\\m(auth\\.\\w+)\\M(?!\\()', 'g') m) as asks
       from pg_proc where pronamespace = 'auth'::regnamespace and prosecdef`,
    )
    const bound = definers.filter(({ travels, asks }) => !travels && asks.some((table) => shared.includes(table))).map(({ name }) => name)
    const within = sourceStatements().flatMap(({ text }) => bound.filter((name) => text.includes(`${name}($0`)))
    // Alone in their transactions, or before anything is written in them.
    expect([...new Set(within)].toSorted()).toEqual(['auth.start_webhook_replay', 'auth.test_webhook'])
  })

  test.each([
    ['insert of values with a subquery', 'insert into auth.session (project_id, amr) values ($1, array(select x from jsonb_array_elements_text($2) x))'],
    ['insert of values that returns a subquery', 'insert into auth.organization (id) values ($1) returning id, array(select e.domain from auth.email_domain e)'],
    ['insert of values behind a common table expression', 'with noted as (update auth.end_user set has_details = true where id = $1) insert into auth.factor (id) values ($1)'],
    ['insert of a query without on conflict', 'insert into auth.change (project_id, end_user_id) select $1, u from unnest($2::uuid[]) u'],
    ['insert of a query without on conflict', 'with a as (select 1), b as (insert into auth.change (project_id) select $1 from a) select 1'],
    ['returning calls row_to_json', 'update auth.session s set generation = 1 where s.id = $1 returning (select row_to_json(u) from auth.end_user u)'],
    ['update calls jsonb_build_object of its rows', `update auth.outbox o set payload = o.payload || jsonb_build_object('frozen', t.frozen) where o.id = $1`],
    ['delete calls convert_to of its rows', `delete from auth.pending_sign_in p using auth.end_user u where sha256(convert_to(u.password_hash, 'utf8')) = p.digest`],
    ['update calls gen_random_uuid, which is volatile', 'update auth.session set id = gen_random_uuid() where id = $1'],
    ['update calls clock_timestamp, which is volatile', 'update auth.session set ended_at = clock_timestamp() where id = $1'],
    ['update chooses by now', 'update auth.session set ended_at = coalesce(ended_at, now()) where id = $1'],
    ['delete moves a time of its rows', `delete from auth.session s where s.expires_at + interval '1 day' < $1`],
    ['on conflict calls now', 'insert into auth.hook (hook) values ($1) on conflict (project_id, hook) do update set updated_at = now()'],
    ['auth.local_sign_in asks from within a question', 'select auth.local_sign_in($1, (select u.email from auth.end_user u where u.id = $2), $2)'],
    ['auth.write_webhook_message asks from within a question', 'insert into auth.webhook_delivery (message_id) values (auth.write_webhook_message($1))'],
  ])('%s', (problem, statement) => {
    expect(refusedByCitus(statement, shared, volatility)).toContain(problem)
  })

  test.each([
    'insert into auth.session (project_id, created_at, expires_at) values ($1, now(), $2 + make_interval(secs => $3))',
    'insert into auth.change (project_id) select $1 from unnest($2::uuid[]) u on conflict do nothing',
    'update auth.session s set ended_at = $1 where s.project_id = $2 and s.last_used_at > $1 - make_interval(secs => $3)',
    'update auth.session s set late_at = case when s.late_at < $1 then $1 else s.late_at end where s.id = $2 returning s.id',
    `select jsonb_build_object('a', s.id) from auth.session s where s.id = $1 for update`,
    'select auth.note_active($1, $2, $3)',
  ])('not: %s', (statement) => {
    expect(refusedByCitus(statement, shared, volatility)).toEqual([])
  })
})
