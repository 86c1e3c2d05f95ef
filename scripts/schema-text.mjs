// What a database consists of, as SQL text that is the same wherever and whenever it is taken: what `pg_dump --schema-only` would say, read
// from the catalogue, because pg_dump refuses a server that is newer than itself and the embedded PostgreSQL brings none. To be read and
// compared, not run.

const NOT_SYSTEM = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`
// Objects of extensions come with the extension.
const NOT_EXTENSION = (oid) => `not exists (select 1 from pg_depend d where d.objid = ${oid} and d.deptype = 'e')`

/** `client` is a connected `pg` client of the owner of the database. */
export async function schemaText(client) {
  const rows = async (sql) => (await client.query(sql)).rows
  await client.query('begin read only')
  try {
    // Every name is written with its schema.
    await client.query('set local search_path = pg_catalog')
    const [{ owner }] = await rows('select current_user as owner')
    const parts = [
      '-- The whole schema as it is after migrating an empty database. Made by `npm run schema`; a test compares it. Do not edit.',
      ...(await roles(rows)),
      ...(await schemas(rows, owner)),
      ...(await types(rows, owner)),
      ...(await tables(rows, owner)),
      ...(await functions(rows, owner)),
    ]
    return `${parts.join('\n\n')}\n`
  } finally {
    await client.query('rollback')
  }
}

async function roles(rows) {
  const found = await rows(`select rolname as name, concat_ws(' ', case when rolcanlogin then 'login' else 'nologin' end,
      case when rolsuper then 'superuser' else 'nosuperuser' end, case when rolcreatedb then 'createdb' else 'nocreatedb' end,
      case when rolcreaterole then 'createrole' else 'nocreaterole' end, case when rolinherit then 'inherit' else 'noinherit' end,
      case when rolbypassrls then 'bypassrls' else 'nobypassrls' end) as attributes
    from pg_roles r where rolname like 'portico\\_%' and exists (
      select 1 from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid
        and d.dbid = (select oid from pg_database where datname = current_database())) order by rolname`)
  return [found.map((role) => `create role ${role.name} ${role.attributes};`).join('\n')].filter(Boolean)
}

async function schemas(rows, owner) {
  const found = await rows(`select n.nspname as name, n.nspowner::regrole::text as owner, ${grants('n.nspacl', "acldefault('n', n.nspowner)", 'n.nspowner')} as grants
    from pg_namespace n where ${NOT_SYSTEM} and n.nspname <> 'public' order by n.nspname collate "C"`)
  return found.map((schema) =>
    [
      `create schema ${schema.name}${schema.owner === owner ? '' : ` authorization ${schema.owner}`};`,
      ...grantLines(schema.grants, `schema ${schema.name}`),
    ].join('\n'),
  )
}

async function types(rows, owner) {
  const composite = await rows(`select format('%I.%I', n.nspname, c.relname) as name, c.relowner::regrole::text as owner,
      (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'c' and ${NOT_SYSTEM} and ${NOT_EXTENSION('c.oid')} order by 1`)
  const enums = await rows(`select format('%I.%I', n.nspname, t.typname) as name, t.typowner::regrole::text as owner,
      (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and ${NOT_SYSTEM} and ${NOT_EXTENSION('t.oid')} order by 1`)
  return [
    ...composite.map((type) =>
      [`create type ${type.name} as (${type.columns});`, ...ownerLine(type.owner, owner, `type ${type.name}`)].join('\n'),
    ),
    ...enums.map((type) =>
      [`create type ${type.name} as enum (${type.labels});`, ...ownerLine(type.owner, owner, `type ${type.name}`)].join('\n'),
    ),
  ]
}

async function tables(rows, owner) {
  const found =
    await rows(`select c.oid, c.relkind as kind, format('%I.%I', n.nspname, c.relname) as name, c.relowner::regrole::text as owner,
      c.relrowsecurity as secured, c.relforcerowsecurity as forced, array_to_string(c.reloptions, ', ') as options,
      case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as definition, pg_get_partkeydef(c.oid) as partition_key,
      case when c.relispartition then c.oid::regclass::text || ' ' || pg_get_expr(c.relpartbound, c.oid) end as partition,
      ${grants('c.relacl', "acldefault('r', c.relowner)", 'c.relowner')} as grants
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${NOT_SYSTEM} and ${NOT_EXTENSION('c.oid')} order by n.nspname collate "C", c.relname collate "C"`)
  const columns = byTable(
    await rows(`select a.attrelid as oid, concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
        case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation::text end,
        case when a.attgenerated = 's' then 'generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
          else 'default ' || pg_get_expr(d.adbin, d.adrelid) end,
        case a.attidentity when 'a' then 'generated always as identity' when 'd' then 'generated by default as identity' end,
        case when a.attnotnull then 'not null' end) as text, quote_ident(a.attname) as name, ${grants('a.attacl', 'null::aclitem[]', '0::oid')} as grants
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attnum > 0 and not a.attisdropped order by a.attnum`),
  )
  // Since PostgreSQL 18 'not null' has rows of its own here.
  const constraints = byTable(
    await rows(`select conrelid as oid, format('constraint %I %s', conname, pg_get_constraintdef(oid)) as text from pg_constraint
      where conrelid <> 0 and contype <> 'n' and contype <> 't' order by position(contype in 'pufcx'), conname collate "C"`),
  )
  const indexes = byTable(
    await rows(`select x.indrelid as oid, pg_get_indexdef(x.indexrelid) as text from pg_index x join pg_class i on i.oid = x.indexrelid
      where not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x')) order by i.relname collate "C"`),
  )
  const policies = byTable(
    await rows(`select p.polrelid as oid, concat_ws(' ', format('create policy %I on %s', p.polname, p.polrelid::regclass),
        case when not p.polpermissive then 'as restrictive' end,
        case p.polcmd when 'r' then 'for select' when 'a' then 'for insert' when 'w' then 'for update' when 'd' then 'for delete' end,
        'to ' || (select string_agg(coalesce(r.rolname::text, 'public'), ', ' order by r.rolname) from unnest(p.polroles) o left join pg_roles r on r.oid = o),
        'using (' || pg_get_expr(p.polqual, p.polrelid) || ')', 'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') as text
      from pg_policy p order by p.polname collate "C"`),
  )
  const triggers = byTable(
    await rows(`select tgrelid as oid, pg_get_triggerdef(oid) as text from pg_trigger where not tgisinternal order by tgname collate "C"`),
  )
  return found.map((table) => {
    const grantable = table.kind === 'S' ? `sequence ${table.name}` : `table ${table.name}`
    return [
      definition(table, columns(table).map((column) => column.text), constraints(table).map((constraint) => constraint.text)),
      ...ownerLine(table.owner, owner, `table ${table.name}`),
      ...indexes(table).map((index) => `${index.text};`),
      ...triggers(table).map((trigger) => `${trigger.text};`),
      ...(table.secured ? [`alter table ${table.name} enable row level security;`] : []),
      ...(table.forced ? [`alter table ${table.name} force row level security;`] : []),
      ...policies(table).map((policy) => `${policy.text};`),
      ...grantLines(table.grants, grantable),
      ...columns(table).flatMap((column) => grantLines(column.grants, grantable, ` (${column.name})`)),
    ].join('\n')
  })
}

function definition(table, columns, constraints) {
  if (table.kind === 'S') return `create sequence ${table.name};`
  if (table.kind === 'v' || table.kind === 'm') return `create ${table.kind === 'm' ? 'materialized ' : ''}view ${table.name}${table.options ? ` with (${table.options})` : ''} as\n${table.definition}`
  const partition = table.partition_key ? ` partition by ${table.partition_key}` : ''
  const lines = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n')
  const attached = table.partition ? `\n-- a partition: ${table.partition}` : ''
  return `create table ${table.name} (\n${lines}\n)${partition}${table.options ? ` with (${table.options})` : ''};${attached}`
}

async function functions(rows, owner) {
  const found = await rows(`select p.prokind as kind, format('%I.%I', n.nspname, p.proname) || case when count(*) over (partition by n.nspname, p.proname) > 1
        then '(' || pg_get_function_identity_arguments(p.oid) || ')' else '' end as name,
      p.proowner::regrole::text as owner, case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end as definition,
      ${grants('p.proacl', "acldefault('f', p.proowner)", 'p.proowner')} as grants
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${NOT_SYSTEM} and ${NOT_EXTENSION('p.oid')} order by n.nspname collate "C", p.proname collate "C", 2`)
  return found.map((made) => {
    const kind = { p: 'procedure', a: 'aggregate' }[made.kind] ?? 'function'
    const object = `${kind === 'procedure' ? 'procedure' : 'function'} ${made.name}`
    return [
      made.definition === null ? `-- aggregate ${made.name}` : `${made.definition.trimEnd()};`,
      ...ownerLine(made.owner, owner, object),
      ...grantLines(made.grants, object),
    ].join('\n')
  })
}

/** An ACL without what the owner of the object has anyway: equal rights together, in a fixed order. */
function grants(acl, standard, owner) {
  return `(select coalesce(json_agg(json_build_object('rights', r.rights, 'grantees', r.grantees) order by r.grantees, r.rights), '[]') from (
    select g.rights, string_agg(g.grantee, ', ' order by g.grantee) || case when g.is_grantable then ' with grant option' else '' end as grantees from (
      select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee, a.is_grantable,
        array_agg(lower(a.privilege_type) order by a.privilege_type) as rights
      from aclexplode(coalesce(${acl}, ${standard})) a where a.grantee <> ${owner} group by 1, 2) g group by g.rights, g.is_grantable) r)`
}

function grantLines(found, object, columns = '') {
  return found.map(({ grantees, rights }) => `grant ${rights.map((right) => right + columns).join(', ')} on ${object} to ${grantees};`)
}

function ownerLine(found, owner, object) {
  return found === owner ? [] : [`alter ${object} owner to ${found};`]
}

function byTable(found) {
  const groups = Map.groupBy
    ? Map.groupBy(found, (row) => row.oid)
    : found.reduce((map, row) => map.set(row.oid, [...(map.get(row.oid) ?? []), row]), new Map())
  return (table) => groups.get(table.oid) ?? []
}
