import type { Connection } from '../support/sql.js'
import { readVolatility, refusedByCitus } from './shared-out-statements.js'

/** On every machine of a cluster the same: a host name leads to one project, whichever. */
export const REFERENCE = ['auth.domain']

/** What Citus cannot do, or does on the wrong machine; docs/citus.md says of each what is done instead. */
export async function findShapes(db: Connection): Promise<string[]> {
  const tables = await db.query<{ oid: number; name: string; kind: string; project: boolean }>(`
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind as kind,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped) as project
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname = 'auth' order by 2`)
  const problems: string[] = []
  const shared = tables.filter(({ name }) => !REFERENCE.includes(name)).map(({ name }) => name)
  for (const { oid, name, kind, project } of tables) {
    if (!project) problems.push(`${name}: has no project_id to be shared out by`)
    if (kind === 'p') problems.push(`${name}: is partitioned`)
    problems.push(...(await ofTable(db, oid, name)))
  }
  const outside = await db.query<{ name: string }>(
    `select k.conrelid::regclass || ' to ' || k.confrelid::regclass as name from pg_constraint k join pg_class t on t.oid = k.confrelid
     join pg_class c on c.oid = k.conrelid
     where k.contype = 'f' and t.relnamespace = 'auth'::regnamespace and c.relnamespace <> 'auth'::regnamespace`,
  )
  for (const { name } of outside) problems.push(`${name}: a key leads from one machine to what is shared out`)
  return [...problems, ...(await ofFunctions(db, shared))]
}

async function ofTable(db: Connection, oid: number, name: string): Promise<string[]> {
  const problems: string[] = []
  const triggers = await db.query<{ tgname: string }>('select tgname from pg_trigger where tgrelid = $1 and not tgisinternal', [oid])
  for (const { tgname } of triggers) problems.push(`${name}: trigger ${tgname}`)
  const rules = await db.query<{ rulename: string }>('select rulename from pg_rewrite where ev_class = $1', [oid])
  for (const { rulename } of rules) problems.push(`${name}: rule ${rulename}`)
  const columns = await db.query<{ name: string; identity: string; type: string; value: string | null; generated: string }>(
    `select a.attname as name, a.attidentity as identity, format_type(a.atttypid, null) as type, a.attgenerated as generated,
       pg_get_expr(d.adbin, d.adrelid) as value
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped`,
    [oid],
  )
  for (const { name: column, identity, type, value } of columns) {
    if (identity !== '') problems.push(`${name}: identity column ${column}`)
    if (value?.includes('nextval(') && type !== 'bigint') problems.push(`${name}: sequence of ${column} is no bigint`)
    if (/\b(auth|platform|metering)\.\w+\(/.test(value ?? '')) problems.push(`${name}: default of ${column} calls a function of ours`)
  }
  const policies = await db.query<{ name: string; text: string }>(
    `select polname as name, coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '') as text
     from pg_policy where polrelid = $1`,
    [oid],
  )
  for (const policy of policies) if (/\bselect\b/i.test(policy.text)) problems.push(`${name}: policy ${policy.name} looks into other rows`)
  return [...problems, ...(await ofKeys(db, oid, name))]
}

async function ofKeys(db: Connection, oid: number, name: string): Promise<string[]> {
  const problems: string[] = []
  type Key = { name: string; columns: string[]; target: string | null; target_columns: string[] | null; sets: string[] | null }
  const keys = await db.query<Key>(
    `select k.conname as name, array(select a.attname::text from unnest(k.conkey) with ordinality u (n, o)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by o) as columns,
      case when k.contype = 'f' then tn.nspname || '.' || t.relname end as target,
      case when k.contype = 'f' then array(select a.attname::text from unnest(k.confkey) with ordinality u (n, o)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by o) end as target_columns,
      case when k.confdeltype in ('n', 'd') then array(select a.attname::text from pg_attribute a
        where a.attrelid = k.conrelid and a.attnum = any (coalesce(nullif(k.confdelsetcols, '{}'), k.conkey))) end as sets
     from pg_constraint k left join pg_class t on t.oid = k.confrelid left join pg_namespace tn on tn.oid = t.relnamespace
     where k.conrelid = $1 and k.contype in ('f', 'x')`,
    [oid],
  )
  for (const key of keys) {
    // Refused whatever columns it names (Citus: EnsureSupportedFKeyOnDistKey).
    if (key.sets !== null && key.columns.includes('project_id')) problems.push(`${name}: ${key.name} takes a value away`)
    if (key.target === null) {
      if (!key.columns.includes('project_id')) problems.push(`${name}: exclusion ${key.name} without project_id`)
    } else if (REFERENCE.includes(name)) problems.push(`${name}: ${key.name} leads from a table of every machine to ${key.target}`)
    else if (!key.target.startsWith('auth.')) problems.push(`${name}: ${key.name} leads to ${key.target}, which stays on one machine`)
    else if (!REFERENCE.includes(key.target)) {
      const at = key.columns.indexOf('project_id')
      if (at === -1 || key.target_columns?.[at] !== 'project_id') problems.push(`${name}: ${key.name} without project_id`)
    }
  }
  if (REFERENCE.includes(name)) return problems
  const unique = await db.query<{ name: string }>(
    `select i.relname as name from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1 and x.indisunique
       and not exists (select from pg_attribute a where a.attrelid = x.indrelid and a.attname = 'project_id' and a.attnum = any (x.indkey))`,
    [oid],
  )
  for (const index of unique) problems.push(`${name}: unique ${index.name} without project_id`)
  return problems
}

async function ofFunctions(db: Connection, shared: readonly string[]): Promise<string[]> {
  const problems: string[] = []
  const volatility = await readVolatility(db)
  const functions = await db.query<{ name: string; language: string; first: string | null; parameters: number; source: string }>(`
    select n.nspname || '.' || p.proname as name, l.lanname as language, p.proargnames[1] as first, p.pronargs as parameters, p.prosrc as source
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where n.nspname in ('auth', 'platform', 'metering') order by 1`)
  for (const { name, language, first, parameters, source } of functions) {
    const code = source.replaceAll(/--.*$/gm, '')
    const found = (problem: string) => problems.push(`${name}: ${problem}`)
    if (language === 'sql' && parameters > 0) found('language sql with parameters')
    if (/\bnotify\b|\bpg_notify\b|\blisten\b/i.test(code)) found('NOTIFY')
    if (/\bcreate\s+temp/i.test(code)) found('a temporary table')
    if (/set_config\('portico\.project_id'/.test(code) && first !== 'p_project') found('enters a project that it is not called for')
    const travels = first === 'p_project' && !/\bplatform\./.test(code)
    if (travels && /\bpg_(try_)?advisory/i.test(code)) found('an advisory lock, of one machine')
    // It travels to the machine of its project and finds that project's rows there, and no others.
    if (travels) for (const table of new Set(code.match(/\bmetering\.\w+/g))) found(`travels, and asks ${table}, which does not`)
    if (!travels && name !== FOLLOWS && /pg_snapshot_xmin|pg_current_xact_id/.test(code)) found('counts transactions of one machine')
    const statements = code.split(/;|\b(?:then|loop|else|begin)$/m)
    for (const problem of statements.flatMap((statement) => ofStatement(statement, shared, travels))) found(problem)
    const lines = statements.map((statement) => statement.replaceAll(/\s+/g, ' ').trim().toLowerCase())
    for (const problem of lines.flatMap((statement) => refusedByCitus(statement, shared, volatility))) found(problem)
  }
  return problems
}

/** Of one machine's transactions; for services of the release before alone, gone with the next (docs/decisions.md). */
const FOLLOWS = 'auth.events_followed'
/** A project that a variable names. */
const ONE_PROJECT = /\bproject_id = (?:[pv]_\w+(?:\.\w+|\[\w+\])?|\$\d)(?![\w.])/
const FROM_VALUES = /\b(?:jsonb?_to_recordset|unnest)\s*\(/

function ofStatement(text: string, shared: readonly string[], travels: boolean): string[] {
  const statement = text.replaceAll(/\s+/g, ' ').toLowerCase()
  const asked = statement.replaceAll(/\binsert into auth\.\w+/g, 'insert')
  const tables = (from: string) => new Set((from.match(/\bauth\.\w+\b(?!\()/g) ?? []).filter((table) => shared.includes(table)))
  if (tables(statement).size === 0) return []
  const problems: string[] = []
  const conflict = /\binsert into (auth\.\w+)[\s\S]*\bon conflict \(([^)]*)\)/.exec(statement)
  if (conflict && shared.includes(conflict[1]!) && !/\bproject_id\b/.test(conflict[2]!)) problems.push('on conflict without project_id')
  if (travels || ONE_PROJECT.test(statement)) return problems
  // Not refused, and what claims rest on: one UPDATE of rows of several projects that values name, also FROM a table that lies
  // beside it and meets it by project_id, with RETURNING; and in a transaction that has written to single machines before. Citus' own
  // tests: src/test/regress/sql/multi_shard_update_delete.sql («returning with both type of executors», «We can pushdown query if
  // there is partition key equality», «Test it within transaction»), src/test/regress/spec/isolation_modify_with_subquery_vs_dml.spec.
  if (/\bfor (?:no key )?update\b|\bfor share\b/.test(statement)) problems.push('locks rows of several projects')
  if (/\bwith recursive\b/.test(statement)) problems.push('a recursive query over several projects')
  if (/\bctid\b/.test(statement)) problems.push('places of rows on several machines')
  if (/\blateral\b/.test(statement) && tables(asked.slice(asked.indexOf('lateral'))).size > 0) problems.push('asks again for each row, over several projects')
  if (/\bas (?:not )?(?:materialized )?\( ?(?:update|insert|delete)\b/.test(statement)) problems.push('a query that writes, over several projects')
  if (/^ ?(?:begin )?(?:update|delete)\b/.test(statement) && /\b(?:clock_timestamp|random|gen_random_uuid)\(/.test(statement))
    problems.push('a value of each machine in what is changed on several')
  if (tables(asked).size > 0) {
    if (/\b(?:platform|metering|limits)\.\w+/.test(asked) && !/\boffset 0\b/.test(asked)) problems.push('meets what stays on one machine')
    if (FROM_VALUES.test(asked) && /\bexists \( ?select [^)]*\bfrom auth\.|\) ?(?:left )?join auth\./.test(asked)) problems.push('meets values that it was given')
  }
  return problems
}
