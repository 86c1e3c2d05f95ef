import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'

const fileOf = (path: string) => new URL(`../../${path}`, import.meta.url)
const { schemaText } = (await import(fileOf('scripts/schema-text.mjs').href)) as { schemaText: (client: pg.Client) => Promise<string> }

let database: TestDatabase
let owner: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})

afterAll(async () => {
  await owner.end()
  await database.drop()
})

test('prisma/schema.sql is what the migrations and functions make of an empty database', async () => {
  expect(await schemaText(owner), 'run `npm run schema` and read the difference before you commit it').toBe(
    readFileSync(fileOf('prisma/schema.sql'), 'utf8'),
  )
})

test('what is in the tables, and when it was taken, changes nothing', async () => {
  const before = await schemaText(owner)
  await owner.query(
    "insert into platform.tenant (id, name, slug, created_at, updated_at) values (gen_random_uuid(), 'a', 'a', now(), now())",
  )
  await owner.query('vacuum analyze platform.tenant')
  expect(await schemaText(owner)).toBe(before)
})

describe('it tells a change of', () => {
  test.each([
    ['a column', 'alter table auth.end_user add column note text', '  note text'],
    ['a type', 'alter table auth.end_user alter column email_typed type varchar(320)', 'email_typed character varying(320) not null'],
    ['a default', "alter table auth.end_user alter column metadata set default '[]'", "metadata jsonb default '[]'::jsonb not null"],
    ['nullability', 'alter table auth.end_user alter column email drop not null', '  email text collate "C",'],
    ['a check', 'alter table auth.end_user add constraint short check (length(email) < 9)', 'constraint short CHECK ((length(email) < 9))'],
    ['a foreign key', 'alter table auth.session drop constraint session_project_id_end_user_id_fkey', null],
    ['a storage setting', 'alter table auth.session set (fillfactor = 50)', 'with (fillfactor=50)'],
    ['an index', 'drop index auth.session_ended', null],
    ['row security', 'alter table auth.session disable row level security', null],
    ['forced row security', 'alter table auth.session no force row level security', null],
    ['a policy', 'create policy open on auth.session for select to portico_data using (true)', 'create policy open on auth.session for select to portico_data using (true)'],
    ['a policy for every role', 'create policy open on auth.session using (true)', 'create policy open on auth.session to public using (true)'],
    ['a right', 'grant delete on auth.session to portico_data', 'grant delete, insert, select, update on table auth.session to portico_data'],
    ['a right to grant', 'grant select on limits.rate_limit to portico_data with grant option', 'grant select on table limits.rate_limit to portico_data with grant option;'],
    ['a right on a column', 'grant update (slug) on platform.tenant to portico_data', 'grant update (slug) on table platform.tenant to portico_data;'],
    ['a right on a schema', 'grant create on schema auth to portico_data', 'grant create, usage on schema auth to portico_data;'],
    ['a right on a function', 'grant execute on function auth.sweep_expired to public', 'grant execute on function auth.sweep_expired to portico_worker, public;'],
    ['an owner', 'alter table auth.session owner to portico_maintenance', 'alter table auth.session owner to portico_maintenance;'],
    ['a trigger', 'drop trigger create_service on platform.project', null],
    ['a function', 'create or replace function auth.enter_project(p_project uuid) returns void language sql as $$ select 1 $$', ' select 1 '],
    ['a second function of the name', 'create function auth.enter_project() returns void language sql as $$ select 1 $$', 'grant execute on function auth.enter_project(p_project uuid) to'],
    ['a composite type', 'alter type auth.end_user_row add attribute note text', 'app_metadata jsonb, note text);'],
    ['an enum', "create type auth.colour as enum ('red', 'green')", "create type auth.colour as enum ('red', 'green');"],
    ['a view', 'create view auth.everybody as select * from auth.end_user', 'create view auth.everybody as'],
    ['a sequence', 'create sequence auth.numbers', 'create sequence auth.numbers;'],
    ['a partition', 'create table auth.parted (n int) partition by range (n); create table auth.part partition of auth.parted for values from (1) to (2)', 'a partition: auth.part FOR VALUES FROM (1) TO (2)'],
    ['a schema', 'create schema other', 'create schema other;'],
  ])('%s', async (_, sql, line) => {
    const before = await schemaText(owner)
    // A copy: the text is taken in a transaction of its own.
    const copy = await createTestDatabase()
    const client = new pg.Client({ connectionString: copy.url })
    await client.connect()
    try {
      await client.query(sql)
      const after = await schemaText(client)
      expect(after).not.toBe(before)
      if (line !== null) expect(after).toContain(line)
    } finally {
      await client.end()
      await copy.drop()
    }
  })
})

describe('schema.prisma', () => {
  const columnsOf = (model: string) =>
    model.split('\n').flatMap((line) => {
      const [, field, type, mark, attributes] = /^ {2}(\w+)\s+(Unsupported\("\w+"\)|\w+)(\?|\[\])?(.*)$/.exec(line) ?? []
      const native = {
        String: 'text',
        Int: 'integer',
        Boolean: 'boolean',
        Bytes: 'bytea',
        Json: 'jsonb',
        BigInt: 'bigint',
        DateTime: 'timestamp(3)',
      }[type ?? ''] ?? /^Unsupported\("(\w+)"\)$/.exec(type ?? '')?.[1]
      if (native === undefined) return []
      const db = /@db\.Uuid/.test(attributes!) ? 'uuid' : /@db\.Timestamptz/.test(attributes!) ? 'timestamp with time zone' : native
      return [`${/@map\("(\w+)"\)/.exec(attributes!)?.[1] ?? field} ${db}${mark === '[]' ? '[]' : ''}${mark === '?' ? '' : ' not null'}`]
    })

  test('names the tables and columns of schema platform, with their types', async () => {
    const models = readFileSync(fileOf('prisma/schema.prisma'), 'utf8').split(/^model /m).slice(1)
    const described = models.map((model) => [/@@map\("(\w+)"\)/.exec(model)![1]!, columnsOf(model).toSorted()])
    const { rows } = await owner.query<{ name: string; columns: string[] }>(`select c.relname as name, array_agg(
        a.attname || ' ' || format_type(a.atttypid, null) || case when a.attnotnull then ' not null' else '' end) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and c.relnamespace = 'platform'::regnamespace group by c.relname`)
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(rows.map((table) => [table.name, table.columns.toSorted()])))
  })
})
