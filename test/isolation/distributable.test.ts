import { readFileSync, readdirSync } from 'node:fs'
import { forCluster } from '@portico/database/cluster-tables'
import { placedIn } from '@portico/database/placed-statement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'
import { findShapes } from './shared-out-shapes.js'

const PRISMA = new URL('../../prisma/', import.meta.url)
const CITUS = readFileSync(new URL('citus.sql', PRISMA), 'utf8')

describe('projects can be shared out over machines', () => {
  let database: TestDatabase
  let owner: Connection
  beforeAll(async () => {
    database = await createTestDatabase()
    owner = await connect(database.url)
  })
  afterAll(async () => {
    await owner?.close()
    await database?.drop()
  })

  test('nothing in the schema stands against it', async () => {
    // What stops it was met on a real cluster, or stands in Citus' own documentation: read from the catalogue, so that whatever somebody
    // adds tomorrow is looked at too.
    expect(await findShapes(owner)).toEqual([])
  })

  test.each([
    ['trigger t', `create function auth.f() returns trigger language plpgsql as 'begin return new; end';
      create trigger t after insert on auth.identity for each row execute function auth.f()`],
    ['leads to platform.tenant', 'alter table auth.session add column tenant_id uuid references platform.tenant'],
    ['unique leak without project_id', 'create unique index leak on auth.session (id)'],
    ['leads from a table of every machine', 'alter table auth.domain add foreign key (project_id) references auth.service'],
    ['auth.f: language sql with parameters', `create function auth.f(p_x integer) returns integer language sql as 'select p_x'`],
    ['auth.f: NOTIFY', `create function auth.f() returns void language plpgsql as $$ begin perform pg_notify('a', 'b'); end $$`],
    [
      'enters a project that it is not called for',
      `create function auth.f(p_x uuid) returns void language plpgsql as $$ begin perform set_config('portico.project_id', p_x::text, true); end $$`,
    ],
    ['has no project_id', 'create table auth.lonely (id uuid primary key)'],
    ['is partitioned', 'create table auth.parted (project_id uuid not null, id uuid not null) partition by hash (project_id)'],
    ['rule r', 'create rule r as on delete to auth.identity do instead nothing'],
    ['identity column n', 'alter table auth.session add column n bigint generated always as identity'],
    ['sequence of n is no bigint', 'alter table auth.session add column n serial'],
    ['looks into other rows', 'create policy p on auth.session to portico_data using (exists (select from auth.end_user))'],
    [
      'takes a value away',
      `create table auth.child (project_id uuid, id uuid, parent uuid, primary key (project_id, id));
       alter table auth.child add foreign key (project_id, parent) references auth.session (project_id, id) on delete set null (parent)`,
    ],
    ['a key leads from one machine', 'create table platform.outside (project_id uuid references auth.service)'],
    [
      'an advisory lock, of one machine',
      `create function auth.f(p_project uuid) returns void language plpgsql as $$ begin perform pg_advisory_xact_lock(1); end $$`,
    ],
    ...(
      [
        ['a temporary table', 'create temp table x (a integer)'],
        ['counts transactions of one machine', 'perform pg_snapshot_xmin(pg_current_snapshot())'],
        ['locks rows of several projects', 'perform 1 from auth.outbox o where o.id = p_x limit 1 for update skip locked'],
        ['a recursive query', `perform * from (with recursive w as (select o.id from auth.outbox o union all select w.id from w) select * from w) x`],
        ['places of rows', 'delete from auth.outbox where ctid = any (array(select o.ctid from auth.outbox o limit 1))'],
        ['asks again for each row', 'perform 1 from generate_series(1, 2) n cross join lateral (select o.id from auth.outbox o limit 1) x'],
        ['a query that writes', 'with gone as (delete from auth.outbox o where o.id = p_x returning o.id) insert into auth.active_day select from gone'],
        ['a value of each machine', 'delete from auth.outbox o where o.created_at < clock_timestamp()'],
        ['meets what stays on one machine', 'perform 1 from platform.project p join auth.outbox o on o.project_id = p.id'],
        ['meets values that it was given', `perform 1 from unnest('{}'::uuid[]) u (id) join auth.outbox o on o.id = u.id`],
        ['on conflict without project_id', 'insert into auth.outbox (id) values (p_x) on conflict (id) do nothing'],
      ] as const
    ).map(([problem, body]): [string, string] => [
      problem,
      `create function auth.f(p_x uuid) returns void language plpgsql as $$ begin ${body}; end $$`,
    ]),
  ])('%s is found', async (problem, ddl) => {
    await owner.query('begin')
    await owner.query(ddl)
    const found = await findShapes(owner)
    await owner.query('rollback')
    expect(found.join('\n')).toContain(problem)
  })

  test('the program enters projects by `set local`, which goes along to their machine', () => {
    const root = new URL('../../', import.meta.url)
    const sources = ['libs/database', 'libs/end-user', 'libs/platform'].flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)(dist|generated|node_modules)\//.test(file))
        .map((file) => `${folder}/${file}`),
    )
    expect(sources.length).toBeGreaterThan(200)
    expect(sources.filter((file) => /set_config\('portico/.test(readFileSync(new URL(file, root), 'utf8')))).toEqual([])
  })

  test('on a cluster new tables and rights by column are made where Citus does not look, and nothing else is', () => {
    const before = 'alter table auth.session add column x text;\n'
    const table = 'create table auth.thing (\n  project_id uuid not null references auth.service (project_id),\n  primary key (project_id)\n);'
    const [off, on] = ['off', 'on'].map((value) => `set local citus.enable_ddl_propagation = ${value};`)
    expect(forCluster(`${before}${table}\nselect auth.isolate('thing');\n`)).toBe(
      `${before}${off}\n${table}\n${on}\nselect auth.isolate('thing');\n`,
    )
    const byColumn = 'grant select, update (config, updated_at) on auth.thing to portico_worker;'
    expect(forCluster(`${byColumn}\ngrant select, update on auth.thing to portico_data;`)).toBe(
      `${off}\n${byColumn}\n${on}\ngrant select, update on auth.thing to portico_data;`,
    )
    // Every table of a project in the folder is found.
    const folder = new URL('migrations/', PRISMA)
    const made = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      .map(({ name }) => readFileSync(new URL(`${name}/migration.sql`, folder), 'utf8'))
    const count = (pattern: RegExp) => made.reduce((sum, sql) => sum + (sql.match(pattern)?.length ?? 0), 0)
    const byColumns = /^\s*(?:grant|revoke) [^;(]*\([^;]* on auth\./gm
    expect(made.reduce((sum, sql) => sum + forCluster(sql).split('ddl_propagation = off').length - 1, 0)).toBe(
      count(/^\s*create table auth\.\w+/gm) + count(byColumns),
    )
  })

  test('a statement names its project by value: a function would be looked for on all machines', () => {
    const text = 'select 1 from auth.session where project_id = auth.current_project_id() and id = $1 for update'
    expect(placedIn('p1', { name: 'one', text, values: ['s'] })).toEqual({
      name: 'one', text: 'select 1 from auth.session where project_id = $2::uuid and id = $1 for update', values: ['s', 'p1'],
    })
    const plain = { name: 'two', text: 'select 1', values: [] }
    expect(placedIn('p1', plain)).toBe(plain)
  })

  // No package of Citus is at hand: its functions are stood in for, and what they are asked is looked at.
  test('citus.sql shares every table of a project out once, those that others refer to first, and sends their functions along', async () => {
    await owner.query('begin')
    await owner.query(`
      create table pg_temp.asked (number int generated always as identity, what text, about text, beside text);
      create table public.pg_dist_partition (logicalrelid regclass);
      create function public.create_reference_table(t regclass) returns void language plpgsql as $$ begin
        insert into asked (what, about) values ('reference', t::text); insert into pg_dist_partition values (t); end $$;
      create function public.create_distributed_table(t regclass, c text, colocate_with text default 'default') returns void
        language plpgsql as $$ begin
        insert into asked (what, about, beside) values ('table', t::text, colocate_with); insert into pg_dist_partition values (t); end $$;
      create function public.create_distributed_function(f regprocedure, c text default null, colocate_with text default null,
        force_delegation boolean default null) returns void language plpgsql as $$ begin
        insert into asked (what, about, beside) values ('function', f::text, force_delegation::text); end $$`)
    // Roles belong to the server, which other tests use at the same time: these have others.
    const sql = CITUS.replaceAll('portico_', 'shared_out_')
    for (const role of ['data', 'control', 'worker', 'maintenance']) await owner.query(`create role shared_out_${role}`)
    await owner.query(sql)
    const first = await owner.query<{ what: string; about: string; beside: string | null }>(
      'select what, about, beside from asked order by number',
    )
    await owner.query('delete from asked')
    await owner.query(sql)
    const again = await owner.query<{ what: string }>('select what from asked')
    const references = await owner.query<{ from: string; to: string }>(
      `select conrelid::regclass::text as "from", confrelid::regclass::text as "to" from pg_constraint
       where contype = 'f' and connamespace = 'auth'::regnamespace and conrelid <> confrelid`,
    )
    const all = await owner.query<{ name: string }>(`select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'r' and c.relnamespace = 'auth'::regnamespace and a.attname = 'project_id' and not a.attisdropped`)
    await owner.query('rollback')
    // Every policy asks it.
    expect(first.slice(0, 2)).toMatchObject([
      { what: 'function', about: 'auth.current_project_id()' },
      { what: 'reference', about: 'auth.domain' },
    ])
    const tables = first.filter(({ what }) => what === 'table')
    expect(tables[0]).toMatchObject({ about: 'auth.service', beside: 'default' })
    expect(new Set(tables.slice(1).map(({ beside }) => beside))).toEqual(new Set(['auth.service']))
    const order = tables.map(({ about }) => about)
    expect(order.toSorted()).toEqual(all.map(({ name }) => name).filter((name) => name !== 'auth.domain').toSorted())
    expect(references.filter(({ from, to }) => order.indexOf(to) > order.indexOf(from))).toEqual([])
    expect(first.filter(({ what }) => what === 'function').map(({ about }) => about.split('(')[0])).toEqual(
      expect.arrayContaining(['auth.sign_up', 'auth.start_session', 'auth.rotate_session', 'auth.live_session']),
    )
    // What a statement needs where the rows lie comes before what travels, and within a transaction definers travel too.
    const places = ['auth.audit_person', 'auth.webhook_body', 'auth.erase_person', 'auth.sign_up'].map((name) =>
      first.findIndex(({ about }) => about.startsWith(`${name}(`)),
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    const forced = (name: string) => first.find(({ about }) => about.startsWith(`${name}(`))?.beside
    const some = ['auth.erase_person', 'auth.merge_app_metadata', 'auth.sign_up', 'auth.note_project_change', 'auth.chain_events']
    expect(some.map(forced)).toEqual(['true', 'true', 'false', undefined, undefined])
    expect(again.filter(({ what }) => what !== 'function')).toEqual([])
  })
})
