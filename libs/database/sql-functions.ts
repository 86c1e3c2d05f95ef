import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from 'pg'
import { onEveryMachine } from './cluster-tables.js'
import { roleNames, type RoleNames } from './role-names.js'
import { describeSqlError } from './sql-error.js'

// Owns the security definer functions. PostgreSQL wants that it may create in the schema at the moment it is given one, and at no other.
const HANDED_OVER = /\bowner to (\w+_maintenance)\b/
// What `create or replace` refuses although the file is right: another result or other names of parameters (42P13), another kind (42809),
// and a name without parameters in the file's grants while a function of the old parameters is still beside the new one (42725).
const SIGNATURE_CHANGED = new Set(['42P13', '42809', '42725'])

export interface FunctionsResult {
  /** Created or replaced by this call. */
  replaced: string[]
  dropped: string[]
}

interface FunctionFile {
  /** With its schema, as the file is called. */
  name: string
  sql: string
  checksum: string
}

/**
 * Makes the functions of the database those of the folder of `<schema>.<name>.sql`: applies each file that changed since it was last
 * applied, drops the function of each file that is gone. Inside the caller's transaction; throws an Error naming file and line. One name is
 * one function: with other parameters or another result the old one goes. What a file no longer grants is taken back, a trigger that it no
 * longer makes is dropped.
 */
export async function applyFunctions(client: Client, folder: string, roles: RoleNames = roleNames()): Promise<FunctionsResult> {
  const files = (await readFunctions(folder)).map((file) => ({ ...file, sql: roles(file.sql) }))
  await client.query(`create table if not exists public._portico_functions (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null
  )`)
  const known = await client.query<{ name: string; checksum: string; present: boolean }>(
    `select f.name, f.checksum, exists (
        select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname || '.' || p.proname = f.name) as present
      from public._portico_functions f order by f.name`,
  )
  const current = new Map(known.rows.filter((row) => row.present).map((row) => [row.name, row.checksum]))
  const changed = files.filter((file) => current.get(file.name) !== file.checksum)
  // A body may name functions that come later, so each is checked when all are there.
  await client.query('set local check_function_bodies = off')
  for (const file of changed) await applyFile(client, file)
  await client.query('set local check_function_bodies = on')
  for (const file of changed) await checkBody(client, file)

  const names = new Set(files.map((file) => file.name))
  const gone = known.rows.map((row) => row.name).filter((name) => !names.has(name))
  for (const name of gone) {
    await dropFunction(client, name).catch((error: unknown) => {
      throw new Error(`Function ${name}, which has no file any more, could not be dropped${describeSqlError(error, '')}`, { cause: error })
    })
    await client.query('delete from public._portico_functions where name = $1', [name])
  }
  return { replaced: changed.map((file) => file.name), dropped: gone }
}

async function readFunctions(folder: string): Promise<FunctionFile[]> {
  const entries = await readdir(folder)
  return Promise.all(
    entries.toSorted().map(async (entry) => {
      const name = /^([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*)\.sql$/.exec(entry)?.[1]
      if (name === undefined) throw new Error(`${join(folder, entry)} is not called <schema>.<function>.sql`)
      const content = await readFile(join(folder, entry))
      return { name, sql: content.toString('utf8'), checksum: Buffer.from(await crypto.subtle.digest('SHA-256', content)).toString('hex') }
    }),
  )
}

async function applyFile(client: Client, file: FunctionFile): Promise<void> {
  try {
    await takeRightsBack(client, file.name)
    const before = await triggersOf(client, file.name)
    if (!(await executeAsOnlyOne(client, file))) {
      await dropFunction(client, file.name)
      await execute(client, file)
    }
    // A replaced trigger is a new version of its row.
    for (const trigger of await triggersOf(client, file.name)) {
      if (before.some((old) => old.oid === trigger.oid && old.version === trigger.version)) await client.query(trigger.drop)
    }
    const made = (await overloads(client, file.name)).length
    if (made !== 1) throw new Error(made === 0 ? `it does not make ${file.name}` : `it makes ${made} functions of that name`)
    await client.query(
      `insert into public._portico_functions (name, checksum, applied_at) values ($1, $2, clock_timestamp())
       on conflict (name) do update set checksum = excluded.checksum, applied_at = excluded.applied_at`,
      [file.name, file.checksum],
    )
  } catch (error) {
    throw new Error(`Function file ${file.name}.sql failed${describeSqlError(error, file.sql)}`, { cause: error })
  }
}

/** False, and nothing has happened: what is there now has other parameters or another result. */
async function executeAsOnlyOne(client: Client, file: FunctionFile): Promise<boolean> {
  await client.query('savepoint function_file')
  try {
    await execute(client, file)
    if ((await overloads(client, file.name)).length === 1) return true
  } catch (error) {
    if (!SIGNATURE_CHANGED.has((error as { code: string }).code)) throw error
  }
  await client.query('rollback to savepoint function_file')
  return false
}

async function execute(client: Client, file: FunctionFile): Promise<void> {
  const schema = client.escapeIdentifier(file.name.split('.')[0]!)
  const definer = HANDED_OVER.exec(file.sql)?.[1]
  if (definer !== undefined) await client.query(`grant create on schema ${schema} to ${definer}`)
  await client.query(file.sql)
  if (definer !== undefined) await client.query(`revoke create on schema ${schema} from ${definer}`)
}

async function checkBody(client: Client, file: FunctionFile): Promise<void> {
  const found = await client.query<{ oid: string; validator: string }>(
    `select p.oid::text as oid, l.lanvalidator::regproc::text as validator from pg_proc p join pg_language l on l.oid = p.prolang
      where p.oid = any ($1::regprocedure[]) and l.lanvalidator <> 0`,
    [await overloads(client, file.name)],
  )
  for (const { oid, validator } of found.rows) {
    await client.query(`select ${validator}(${oid})`).catch((error: unknown) => {
      throw new Error(`Function file ${file.name}.sql failed${describeSqlError(error, file.sql)}`, { cause: error })
    })
  }
}

/** As if it had just been made: `create or replace` would keep owner and rights that the file no longer gives. */
async function takeRightsBack(client: Client, name: string): Promise<void> {
  const statements = await client.query<{ statement: string }>(
    `select format('alter routine %s owner to current_user', p.oid::regprocedure) as statement
        from pg_proc p where p.oid = any ($1::regprocedure[]) and p.proowner <> current_user::regrole
      union all
      select distinct format('revoke all on routine %s from %s', p.oid::regprocedure,
          case when a.grantee = 0 then 'public' else a.grantee::regrole::text end)
        from pg_proc p, aclexplode(p.proacl) a where p.oid = any ($1::regprocedure[]) and a.grantee <> p.proowner`,
    [await overloads(client, name)],
  )
  for (const { statement } of statements.rows) await client.query(statement)
}

/** Its triggers with it; refused when anything else hangs on it. */
async function dropFunction(client: Client, name: string): Promise<void> {
  for (const trigger of await triggersOf(client, name)) await client.query(trigger.drop)
  const gone = await overloads(client, name)
  await onEveryMachine(client, async () => {
    for (const signature of gone) await client.query(`drop routine ${signature}`)
  })
}

async function overloads(client: Client, name: string): Promise<string[]> {
  const found = await client.query<{ signature: string }>(
    `select p.oid::regprocedure::text as signature from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname || '.' || p.proname = $1`,
    [name],
  )
  return found.rows.map((row) => row.signature)
}

async function triggersOf(client: Client, name: string): Promise<{ oid: string; version: string; drop: string }[]> {
  const found = await client.query<{ oid: string; version: string; drop: string }>(
    `select t.oid::text as oid, t.xmin::text || t.cmin::text as version, format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as drop
      from pg_trigger t where t.tgfoid = any ($1::regprocedure[]) and not t.tgisinternal and t.tgparentid = 0`,
    [await overloads(client, name)],
  )
  return found.rows
}
