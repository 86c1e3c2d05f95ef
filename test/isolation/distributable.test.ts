import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'

const PRISMA = new URL('../../prisma/', import.meta.url)
const CITUS = readFileSync(new URL('citus.sql', PRISMA), 'utf8')

/** On every machine of a cluster the same: a host name leads to one project, whichever. */
const REFERENCE = ['auth.domain']

/**
 * What stops a schema from being shared out over the machines of a Citus cluster, as it was met on a real one: read from the catalogue, so
 * that whatever somebody adds tomorrow is looked at too.
 */
async function scan(db: Connection): Promise<string[]> {
  const problems: string[] = []
  const tables = await db.query<{ oid: number; name: string }>(`
    select c.oid, n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and n.nspname = 'auth' order by 2`)
  const names = tables.map(({ name }) => name)
  for (const { oid, name } of tables) {
    const triggers = await db.query<{ tgname: string }>('select tgname from pg_trigger where tgrelid = $1 and not tgisinternal', [oid])
    for (const { tgname } of triggers) problems.push(`${name}: trigger ${tgname}`)
    const keys = await db.query<{ name: string; columns: string[]; target: string | null; target_columns: string[] | null }>(
      `select k.conname as name, array(select a.attname::text from unnest(k.conkey) with ordinality u (n, o)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by o) as columns,
        case when k.contype = 'f' then tn.nspname || '.' || t.relname end as target,
        case when k.contype = 'f' then array(select a.attname::text from unnest(k.confkey) with ordinality u (n, o)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by o) end as target_columns
       from pg_constraint k left join pg_class t on t.oid = k.confrelid left join pg_namespace tn on tn.oid = t.relnamespace
       where k.conrelid = $1 and k.contype in ('f', 'x')`,
      [oid],
    )
    for (const key of keys) {
      if (key.target === null) {
        if (!key.columns.includes('project_id')) problems.push(`${name}: exclusion ${key.name} without project_id`)
      } else if (REFERENCE.includes(name)) problems.push(`${name}: ${key.name} leads from a table of every machine to ${key.target}`)
      else if (!names.includes(key.target)) problems.push(`${name}: ${key.name} leads to ${key.target}, which stays on one machine`)
      else if (!REFERENCE.includes(key.target)) {
        const at = key.columns.indexOf('project_id')
        if (at === -1 || key.target_columns?.[at] !== 'project_id') problems.push(`${name}: ${key.name} without project_id`)
      }
    }
    const unique = await db.query<{ name: string }>(
      `select i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1 and x.indisunique
         and not exists (select from pg_attribute a where a.attrelid = x.indrelid and a.attname = 'project_id' and a.attnum = any (x.indkey))`,
      [oid],
    )
    for (const index of unique) if (!REFERENCE.includes(name)) problems.push(`${name}: unique ${index.name} without project_id`)
  }
  const functions = await db.query<{ name: string; language: string; first: string | null; parameters: number; source: string }>(`
    select n.nspname || '.' || p.proname as name, l.lanname as language, p.proargnames[1] as first, p.pronargs as parameters, p.prosrc as source
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where n.nspname in ('auth', 'platform', 'metering') order by 1`)
  for (const { name, language, first, parameters, source } of functions) {
    const code = source.replaceAll(/--.*$/gm, '')
    if (language === 'sql' && parameters > 0) problems.push(`${name}: language sql with parameters`)
    if (/\bnotify\b|\bpg_notify\b|\blisten\b/i.test(code)) problems.push(`${name}: NOTIFY`)
    if (/set_config\('portico\.project_id'/.test(code) && first !== 'p_project')
      problems.push(`${name}: enters a project that it is not called for`)
    if (first === 'p_project' && !/\bplatform\./.test(code)) {
      // It travels to the machine of its project and finds that project's rows there, and no others.
      const elsewhere = [...code.matchAll(/\b(metering)\.\w+/g)].map(([table]) => table)
      for (const table of new Set(elsewhere)) problems.push(`${name}: travels, and asks ${table}, which does not`)
    }
  }
  return problems
}

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
    expect(await scan(owner)).toEqual([])
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
  ])('%s is found', async (problem, ddl) => {
    await owner.query('begin')
    await owner.query(ddl)
    const found = await scan(owner)
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
      create function public.create_distributed_function(f regprocedure, c text, colocate_with text) returns void language plpgsql as $$ begin
        insert into asked (what, about) values ('function', f::text); end $$`)
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
    expect(first[0]).toMatchObject({ what: 'reference', about: 'auth.domain' })
    const tables = first.filter(({ what }) => what === 'table')
    expect(tables[0]).toMatchObject({ about: 'auth.service', beside: 'default' })
    expect(new Set(tables.slice(1).map(({ beside }) => beside))).toEqual(new Set(['auth.service']))
    const order = tables.map(({ about }) => about)
    expect(order.toSorted()).toEqual(all.map(({ name }) => name).filter((name) => name !== 'auth.domain').toSorted())
    expect(references.filter(({ from, to }) => order.indexOf(to) > order.indexOf(from))).toEqual([])
    expect(first.filter(({ what }) => what === 'function').map(({ about }) => about.split('(')[0])).toEqual(
      expect.arrayContaining(['auth.sign_up', 'auth.start_session', 'auth.rotate_session', 'auth.live_session']),
    )
    expect(again.filter(({ what }) => what !== 'function')).toEqual([])
  })
})
