import type { ServiceRole } from '../support/postgres.js'
import { connect, type Connection } from '../support/sql.js'
import { bare, type Stage } from './two-tenants.js'

export const ROLES: ServiceRole[] = ['portico_data', 'portico_control', 'portico_worker']

export interface RoleReport {
  role: string
  tables: number
  attempts: number
  unscopedErrors: number
  foreignRowsSeen: number
  writesRefused: number
  foreignKeysRefused: number
  failures: string[]
}

interface ForeignKey {
  name: string
  columns: string[]
  target: string
  targetColumns: string[]
}

const UNSCOPED = new Set(['42704', '22P02'])
const DENIED = '42501'
const FOREIGN_KEY = '23503'

/** Every table with a `project_id`, asked by each service role without a scope, with a foreign one, and with keys of two projects mixed. */
export async function attackDatabase(stage: Stage): Promise<RoleReport[]> {
  const tables = await projectTables(stage.owner)
  const mine = bare(stage.a.projectId)
  const theirs = bare(stage.b.projectId)
  for (const table of tables) for (const project of [mine, theirs]) await fill(stage.owner, table, project)
  const reports: RoleReport[] = []
  for (const role of ROLES) {
    const connection = await connect(stage.database.roleUrl(role))
    try {
      reports.push(await asRole(stage.owner, connection, role, tables, mine, theirs))
    } finally {
      await connection.close()
    }
  }
  return reports
}

/** Of schema `auth`. */
export async function projectTables(owner: Connection): Promise<string[]> {
  const rows = await owner.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relnamespace = 'auth'::regnamespace order by 1`,
  )
  return rows.map((row) => row.name)
}

async function asRole(
  owner: Connection,
  connection: Connection,
  role: ServiceRole,
  tables: string[],
  mine: string,
  theirs: string,
): Promise<RoleReport> {
  const report: RoleReport = {
    role,
    tables: 0,
    attempts: 0,
    unscopedErrors: 0,
    foreignRowsSeen: 0,
    writesRefused: 0,
    foreignKeysRefused: 0,
    failures: [],
  }
  const attempt = async (
    scope: string | null,
    text: string,
    values: unknown[] = [],
    first = 'select 1',
  ): Promise<{ code: string | null; rows: Record<string, unknown>[] }> => {
    report.attempts += 1
    await connection.query('begin')
    try {
      if (scope !== null) await connection.query(`select set_config('portico.project_id', $1, true)`, [scope])
      if (scope) await connection.query(first)
      return { code: null, rows: await connection.query<Record<string, unknown>>(text, values) }
    } catch (error) {
      return { code: (error as { code?: string }).code ?? 'unknown', rows: [] }
    } finally {
      await connection.query('rollback')
    }
  }
  const may = async (table: string, right: string) =>
    (await owner.query<{ yes: boolean }>('select has_table_privilege($1, $2, $3) as yes', [role, table, right]))[0]?.yes === true

  for (const table of tables) {
    const select = await may(table, 'select')
    const insert = await may(table, 'insert')
    const update = await may(table, 'update')
    const remove = await may(table, 'delete')
    if (!select && !insert && !update && !remove) continue
    report.tables += 1
    const say = (what: string, detail: unknown) => report.failures.push(`${role} on ${table}: ${what}: ${JSON.stringify(detail)}`)
    const [row] = await owner.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${table} t where project_id = $1 limit 1`,
      [theirs],
    )

    if (select) {
      for (const text of [`select * from ${table}`, `select count(*) from ${table} where project_id = '${theirs}'`]) {
        const unscoped = await attempt(null, text)
        if (UNSCOPED.has(unscoped.code ?? '')) report.unscopedErrors += 1
        else say('a query without a scope did not fail', unscoped)
        const empty = await attempt('', text)
        if (UNSCOPED.has(empty.code ?? '')) report.unscopedErrors += 1
        else say('a query with an empty scope did not fail', empty)
      }
      const direct = await attempt(mine, `select * from ${table} where project_id = $1`, [theirs])
      const swept = await attempt(mine, `select * from ${table} where project_id <> $1`, [mine])
      report.foreignRowsSeen += direct.rows.length + swept.rows.length
      if (direct.rows.length + swept.rows.length > 0) say('rows of another project', direct.rows.length + swept.rows.length)
      const own = await attempt(mine, `select 1 from ${table}`)
      if (own.rows.length === 0) say('its own rows are not there, so nothing is proven', own.code)
    }
    for (const [allowed, text] of [
      [update, `update ${table} set project_id = project_id where project_id = $1 returning 1`],
      [remove, `delete from ${table} where project_id = $1 returning 1`],
    ] as const) {
      if (!allowed) continue
      const changed = await attempt(mine, text, [theirs])
      if (changed.rows.length === 0) report.writesRefused += 1
      else say('changed rows of another project', text)
    }
    if (update) {
      const moved = await attempt(mine, `update ${table} set project_id = $1 where project_id = $2`, [theirs, mine])
      if (moved.code === DENIED) report.writesRefused += 1
      else say('moved its rows to another project', moved.code)
    }
    if (insert && row) {
      const insertion = await insertOf(owner, table)
      const copied = await attempt(mine, insertion, [JSON.stringify(row.row)])
      if (copied.code === DENIED) report.writesRefused += 1
      else say('wrote a row of another project', copied.code)
      for (const key of await foreignKeys(owner, table)) {
        const mixed = { ...(await fresh(owner, table, row.row)), project_id: mine }
        if (key.columns.some((column) => mixed[column as keyof typeof mixed] === null)) continue
        const crossed = await attempt(mine, insertion, [JSON.stringify(mixed)], remove ? `delete from ${table}` : undefined)
        if (crossed.code === FOREIGN_KEY) report.foreignKeysRefused += 1
        else say(`a foreign key across projects (${key.name})`, crossed.code)
      }
    }
  }
  return report
}

/** Inserts a row that is given as JSON; what the table computes itself is left to it. */
async function insertOf(owner: Connection, table: string): Promise<string> {
  const [columns] = await owner.query<{ names: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  )
  return `insert into ${table} (${columns?.names}) select ${columns?.names} from jsonb_populate_record(null::${table}, $1)`
}

/** Foreign keys to rows below a project; the one to the project itself cannot cross. */
async function foreignKeys(owner: Connection, table: string): Promise<ForeignKey[]> {
  const rows = await owner.query<{ name: string; columns: string[]; target: string; target_columns: string[] }>(
    `select k.conname as name, k.confrelid::regclass::text as target,
        array(select a.attname::text from unnest(k.conkey) with ordinality u(n, i) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.i) as columns,
        array(select a.attname::text from unnest(k.confkey) with ordinality u(n, i) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.i) as target_columns
      from pg_constraint k where k.conrelid = $1::regclass and k.contype = 'f'`,
    [table],
  )
  return rows.filter((row) => row.columns.length > 1).map((row) => ({ ...row, targetColumns: row.target_columns }))
}

/** The row with new values where only its own keys need them, so that nothing but the foreign key can refuse it. */
async function fresh(owner: Connection, table: string, row: Record<string, unknown>): Promise<Record<string, unknown>> {
  const used = new Set((await foreignKeys(owner, table)).flatMap((key) => key.columns))
  const keys = await owner.query<{ name: string; type: string }>(
    `select distinct a.attname::text as name, format_type(a.atttypid, null) as type from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any (x.indkey)
      where x.indrelid = $1::regclass and x.indisunique and a.attname <> 'project_id'`,
    [table],
  )
  const made = { ...row }
  for (const { name, type } of keys) {
    if (used.has(name)) continue
    if (type === 'uuid') made[name] = crypto.randomUUID()
    else if (type === 'bytea') made[name] = `\\x${crypto.randomUUID().replaceAll('-', '')}`
    else if (type === 'date') made[name] = '1999-12-31'
    else if (type === 'text' && name !== 'provider' && name !== 'purpose') made[name] = crypto.randomUUID()
  }
  return made
}

/** Gives a table that is still empty one row for the project, made of what its columns allow. */
export async function fill(owner: Connection, table: string, project: string): Promise<void> {
  const [present] = await owner.query(`select 1 from ${table} where project_id = $1 limit 1`, [project])
  if (present) return
  const row: Record<string, unknown> = { project_id: project }
  const columns = await owner.query<{ name: string; type: string; required: boolean }>(
    `select attname::text as name, format_type(atttypid, null) as type, attnotnull and not atthasdef as required from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  )
  const [checks] = await owner.query<{ text: string }>(
    `select coalesce(string_agg(pg_get_constraintdef(oid), ' '), '') as text from pg_constraint where conrelid = $1::regclass and contype = 'c'`,
    [table],
  )
  for (const key of await foreignKeys(owner, table)) {
    if (!columns.some((column) => column.required && column.name !== 'project_id' && key.columns.includes(column.name))) continue
    await fill(owner, key.target, project)
    const [target] = await owner.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${key.target} t where project_id = $1 limit 1`,
      [project],
    )
    key.columns.forEach((column, index) => (row[column] = target?.row[key.targetColumns[index] as string]))
  }
  for (const { name, type, required } of columns) {
    if (!required || name in row) continue
    row[name] = example(type, new RegExp(`\\(?${name} = ANY \\(ARRAY\\['(\\w+)'`).exec(checks?.text ?? '')?.[1])
  }
  await insertAnyhow(owner, table, row)
}

/** A check on values says nothing about projects: where a made-up row meets one, it goes. The database is a throw-away. */
async function insertAnyhow(owner: Connection, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row)
  for (;;) {
    try {
      await owner.query(
        `insert into ${table} (${names.join(', ')}) select ${names.map((name) => `r.${name}`).join(', ')} from jsonb_populate_record(null::${table}, $1) r`,
        [JSON.stringify(row)],
      )
      return
    } catch (error) {
      const { code, constraint } = error as { code?: string; constraint?: string }
      if (code !== '23514' || constraint === undefined) throw error
      await owner.query(`alter table ${table} drop constraint ${constraint}`)
    }
  }
}

function example(type: string, allowed: string | undefined): unknown {
  if (type === 'uuid') return crypto.randomUUID()
  if (type === 'bytea') return `\\x${crypto.randomUUID().replaceAll('-', '')}`
  if (type.startsWith('timestamp') || type === 'date') return new Date().toISOString()
  if (type === 'jsonb') return {}
  if (type === 'boolean') return false
  if (type.endsWith('[]')) return []
  if (type === 'text' || type.startsWith('character')) return allowed ?? crypto.randomUUID()
  return 1
}
