import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'

/** Lock 6: whatever table somebody adds tomorrow, a `project_id` without the other locks fails the build. */
async function scan(db: Connection): Promise<string[]> {
  const problems: string[] = []
  const tables = await db.query<{ oid: number; name: string; rls: boolean; forced: boolean; nullable: boolean }>(`
    select c.oid, n.nspname || '.' || c.relname as name, c.relrowsecurity as rls, c.relforcerowsecurity as forced, not a.attnotnull as nullable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and a.attname = 'project_id' and not a.attisdropped`)
  for (const table of tables) {
    if (!table.rls) problems.push(`${table.name}: row-level security is off`)
    if (!table.forced) problems.push(`${table.name}: row-level security is not forced`)
    if (table.nullable) problems.push(`${table.name}: project_id may be null`)
    const policies = await db.query<{ using: string | null; check: string | null; roles: string[] }>(
      `select pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as check,
         array(select rolname::text from pg_roles where oid = any (polroles)) as roles from pg_policy where polrelid = $1`,
      [table.oid],
    )
    for (const policy of policies) {
      const isolating = [policy.using, policy.check].every(
        (text) => text?.replaceAll(/[()\s]/g, '') === 'project_id=auth.current_project_id',
      )
      const maintenance = policy.roles.length === 1 && policy.roles[0] === 'portico_maintenance'
      if (!isolating && !maintenance)
        problems.push(`${table.name}: a policy lets ${policy.roles.join(', ') || 'every role'} past the project: ${policy.using}`)
    }
    for (const role of ['portico_control', 'portico_data', 'portico_worker']) {
      if (!policies.some((policy) => policy.roles.includes(role))) problems.push(`${table.name}: no policy for ${role}`)
    }
    const keys = await db.query<{ name: string; first: string; partial: boolean }>(
      `select i.relname as name, a.attname as first, x.indpred is not null as partial from pg_index x join pg_class i on i.oid = x.indexrelid
       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0] where x.indrelid = $1 and x.indisunique`,
      [table.oid],
    )
    for (const key of keys) {
      // A host name is global by nature (see the baseline).
      if (key.first !== 'project_id' && key.name !== 'domain_verified_hostname')
        problems.push(`${table.name}: unique key ${key.name} does not start with project_id`)
    }
    const foreignKeys = await db.query<{ name: string; first: string; target: string; target_first: string }>(
      `select k.conname as name, a.attname as first, k.confrelid::regclass::text as target, f.attname as target_first from pg_constraint k
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] join pg_attribute f on f.attrelid = k.confrelid and f.attnum = k.confkey[1]
       where k.conrelid = $1 and k.contype = 'f'`,
      [table.oid],
    )
    for (const key of foreignKeys) {
      const scoped = key.first === 'project_id' && (key.target_first === 'project_id' || key.target === 'platform.project')
      if (!scoped) problems.push(`${table.name}: foreign key ${key.name} does not carry project_id`)
    }
    // The root of all others, made with its project; and host names, which are the same on every machine of a cluster (prisma/citus.sql).
    const standsAlone = ['auth.service', 'auth.domain'].includes(table.name)
    if (foreignKeys.length === 0 && !standsAlone) problems.push(`${table.name}: belongs to no project by foreign key`)
  }
  return problems
}

describe('the catalogue scan', () => {
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

  test('finds every table of a project locked', async () => {
    expect(await scan(owner)).toEqual([])
    const [count] = await owner.query<{ n: number }>(`select count(*)::int as n from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'r' and a.attname = 'project_id' and c.relnamespace = 'auth'::regnamespace`)
    expect(count!.n).toBeGreaterThanOrEqual(13)
  })

  test.each([
    [
      'row-level security is off',
      'create table auth.leak (project_id uuid not null references auth.service, id int, primary key (project_id, id))',
    ],
    [
      'is not forced',
      'create table auth.leak (project_id uuid primary key references auth.service); alter table auth.leak enable row level security',
    ],
    ['no policy for portico_data', 'create table auth.leak (project_id uuid primary key references auth.service)'],
    [
      'past the project',
      'create table auth.leak (project_id uuid primary key references auth.service); create policy p on auth.leak to portico_data using (true)',
    ],
    ['does not start with project_id', 'create table auth.leak (id int primary key, project_id uuid not null references auth.service)'],
    [
      'does not carry project_id',
      'create table auth.leak (project_id uuid primary key references auth.service, tenant uuid references platform.tenant)',
    ],
    ['belongs to no project', 'create table auth.leak (project_id uuid primary key)'],
    ['may be null', 'create table auth.leak (project_id uuid references auth.service)'],
  ])('reports a table where %s', async (problem, ddl) => {
    await owner.query('begin')
    await owner.query(ddl)
    const found = await scan(owner)
    await owner.query('rollback')
    expect(found.join('\n')).toContain(problem)
  })

  test('finds nothing in a new table of `auth.isolate`', async () => {
    await owner.query('begin')
    await owner.query(`create table auth.thing (project_id uuid not null references auth.service, id int, primary key (project_id, id));
      select auth.isolate('thing')`)
    const found = await scan(owner)
    const [maintenance] = await owner.query(
      "select has_table_privilege('portico_maintenance', 'auth.thing', 'select, insert, update, delete') as may",
    )
    await owner.query('rollback')
    expect(found).toEqual([])
    expect(maintenance).toEqual({ may: true })
  })

  test('no service role can bypass row security, owns anything outside the queue, or is a member of another', async () => {
    expect(
      await owner.query(`select rolname from pg_roles where rolname like 'portico\\_%' and rolname in ('portico_data','portico_control','portico_worker','portico_maintenance')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`),
    ).toEqual([])
    expect(
      await owner.query(`select r.rolname, n.nspname, c.relname from pg_class c join pg_roles r on r.oid = c.relowner join pg_namespace n on n.oid = c.relnamespace
        where r.rolname in ('portico_data', 'portico_control', 'portico_worker') and n.nspname <> 'bullmq'`),
    ).toEqual([])
    expect(
      await owner.query(`select m.roleid::regrole, m.member::regrole from pg_auth_members m
        where m.member in ('portico_data'::regrole, 'portico_control'::regrole, 'portico_worker'::regrole)`),
    ).toEqual([])
  })

  test('every security definer function fixes its search path and belongs to the role without login', async () => {
    const loose = await owner.query(`select p.proname from pg_proc p where p.prosecdef and p.pronamespace in ('auth'::regnamespace, 'platform'::regnamespace)
      and (p.proowner <> 'portico_maintenance'::regrole or p.proconfig is null or not exists (select 1 from unnest(p.proconfig) c where c like 'search_path=%'))`)
    expect(loose).toEqual([])
    expect(await owner.query(`select 1 from pg_roles where rolname = 'portico_maintenance' and rolcanlogin`)).toEqual([])
  })

  test('no function of ours can be called by `public`', async () => {
    expect(
      await owner.query(`select p.proname from pg_proc p where p.pronamespace in ('auth'::regnamespace, 'platform'::regnamespace)
        and exists (select 1 from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)`),
    ).toEqual([])
  })
})
