import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { withAdmin } from '../../test/support/admin-client.js'
import { migrate } from './migrate.js'

let url: string
let prismaDir: string

beforeEach(async () => {
  prismaDir = await mkdtemp(join(tmpdir(), 'portico-functions-'))
  await mkdir(join(prismaDir, 'migrations', '20260101000000_baseline'), { recursive: true })
  await mkdir(join(prismaDir, 'functions'))
  await migration('20260101000000_baseline', 'create schema s; create table s.t (n int);')
  const name = `portico_functions_${crypto.randomUUID().slice(0, 8)}`
  await withAdmin(inject('servers').adminUrl, (client) => client.query(`create database ${name}`))
  const target = new URL(inject('servers').adminUrl)
  target.pathname = `/${name}`
  url = target.href
})

afterEach(async () => {
  await withAdmin(inject('servers').adminUrl, (client) => client.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`))
  await rm(prismaDir, { recursive: true, force: true })
})

async function migration(name: string, sql: string) {
  await mkdir(join(prismaDir, 'migrations', name), { recursive: true })
  await writeFile(join(prismaDir, 'migrations', name, 'migration.sql'), sql)
}

const file = (name: string, sql: string) => writeFile(join(prismaDir, 'functions', `${name}.sql`), sql)
const remove = (name: string) => rm(join(prismaDir, 'functions', `${name}.sql`))
const run = () => migrate({ url, prismaDir, rolePasswords: {} })

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return withAdmin(url, async (client) => (await client.query(sql)).rows as Record<string, unknown>[])
}

const answer = async (call: string) => (await rows(`select ${call} as answer`))[0]!['answer']
const signatures = async () =>
  (await rows("select oid::regprocedure::text as s from pg_proc where pronamespace = 's'::regnamespace order by 1")).map((row) => row['s'])
const made = (name: string, body: string, parameters = '', result = 'int') =>
  `create or replace function ${name}(${parameters}) returns ${result} language sql as $$ ${body} $$;\nrevoke all on function ${name} from public;\n`

test('a file is applied after the migrations, again when it changes, and not otherwise', async () => {
  await file('s.one', made('s.one', 'select 1'))
  expect(await run()).toMatchObject({ applied: ['20260101000000_baseline'], replaced: ['s.one'], dropped: [] })
  expect(await answer('s.one()')).toBe(1)
  const [first] = await rows('select * from _portico_functions')
  expect(await run()).toEqual({ applied: [], unknown: [], replaced: [], dropped: [] })
  expect(await rows('select * from _portico_functions')).toEqual([first])

  await file('s.one', made('s.one', 'select 11'))
  expect(await run()).toMatchObject({ applied: [], replaced: ['s.one'] })
  expect(await answer('s.one()')).toBe(11)
})

test('files may name each other in any order, and the tables of migrations that come with them', async () => {
  await file('s.first', made('s.first', 'select s.second() + (select count(*)::int from s.later)'))
  await file('s.second', made('s.second', 'select 2'))
  await migration('20260102000000_later', 'create table s.later (n int)')
  await run()
  expect(await answer('s.first()')).toBe(2)
})

describe('a broken file', () => {
  test.each([
    ['what cannot be parsed', 'create or replace function s.bad() returns int\n  language sql as $$ select 1 $$ oops;', 2, 'syntax error at or near "oops"'],
    ['a body in SQL', `-- A comment.\n${made('s.bad', '\nselect 1\nfrom s.nowhere')}`, 4, 'relation "s.nowhere" does not exist'],
    [
      'a body in PL/pgSQL',
      'create or replace function s.bad() returns int language plpgsql as $$\nbegin\n  return 1\nend $$;',
      4,
      'syntax error',
    ],
    ['a grant', `${made('s.bad', 'select 1')}grant execute on function s.bad to nobody_at_all;`, null, 'role "nobody_at_all" does not exist'],
    ['another name than its own', made('s.good', 'select 1'), null, 'it does not make s.bad'],
    ['two functions', `${made('s.bad', 'select 1')}${made('s.bad', 'select 1', 'n int').split('\n')[0]}`, null, 'it makes 2 functions of that name'],
  ])('is named with its line and leaves nothing: %s', async (_, sql, line, message) => {
    await file('s.bad', sql)
    await file('s.fine', made('s.fine', 'select 1'))
    await migration('20260102000000_later', 'create table s.later (n int)')
    const failure = await run().then(() => 'it went through', (error: Error) => error.message)
    if (line !== null) expect(failure).toContain(`Function file s.bad.sql failed at line ${line}: `)
    else expect(failure).toContain('Function file s.bad.sql failed: ')
    expect(failure).toContain(message)
    expect(await rows("select to_regnamespace('s') as s, to_regclass('_prisma_migrations') as known")).toEqual([{ s: null, known: null }])
  })

  test('leaves the old function in place', async () => {
    await file('s.one', made('s.one', 'select 1'))
    await run()
    await file('s.one', made('s.one', 'select nonsense'))
    await expect(run()).rejects.toThrow('column "nonsense" does not exist')
    expect(await answer('s.one()')).toBe(1)
  })

  test('that is not called after a function is refused', async () => {
    await file('one', 'select 1')
    await expect(run()).rejects.toThrow('one.sql is not called <schema>.<function>.sql')
  })
})

describe('another signature', () => {
  test.each([
    ['a result', made('s.one', "select 'one'", '', 'text'), 's.one()', 's.one()', 'one'],
    ['a parameter more', made('s.one', 'select n', 'n int'), 's.one(integer)', 's.one(7)', 7],
    ['names of parameters', made('s.one', 'select other', 'other int default 3'), 's.one(integer)', 's.one()', 3],
    ['a procedure', 'create or replace procedure s.one() language sql as $$ select 1 $$;', 's.one()', null, null],
  ])('replaces the function: %s', async (_, sql, signature, call, expected) => {
    for (const before of [made('s.one', 'select 1'), made('s.one', 'select n', 'n int default 1')]) {
      await file('s.one', before)
      await run()
      await file('s.one', sql)
      await run()
      expect(await signatures()).toEqual([signature])
      if (call) expect(await answer(call)).toBe(expected)
    }
  })

  test('is refused while a policy hangs on the function, which can otherwise change', async () => {
    await file('s.who', made('s.who', 'select 1'))
    await run()
    await rows('create policy p on s.t using (n = s.who())')
    await file('s.who', made('s.who', 'select 2'))
    await run()
    expect(await answer('s.who()')).toBe(2)
    await file('s.who', made('s.who', 'select n', 'n int'))
    await expect(run()).rejects.toThrow(/Function file s\.who\.sql failed: .*other objects depend on it/)
    expect(await answer('s.who()')).toBe(2)
  })
})

test('a function that a migration dropped is made again although its file is the same', async () => {
  await file('s.one', made('s.one', 'select 1'))
  await run()
  await migration('20260102000000_drop', 'drop function s.one()')
  expect(await run()).toMatchObject({ replaced: ['s.one'] })
  expect(await answer('s.one()')).toBe(1)
})

test.each(['a superuser', 'an owner that is none'])('owner and rights are those of the file: what it no longer grants is taken back, by %s', async (who) => {
  const role = `portico_functions_owner_${crypto.randomUUID().slice(0, 8)}`
  const target = new URL(url)
  if (who !== 'a superuser') {
    await rows(`create role ${role} login password 'owner'; grant portico_maintenance to ${role};
      alter database ${target.pathname.slice(1)} owner to ${role}; alter schema public owner to ${role}`)
    target.username = role
    target.password = 'owner'
  }
  const runAs = () => migrate({ url: target.href, prismaDir, rolePasswords: {} })
  const sql = made('s.one', 'select 1')
  await file(
    's.one',
    `${sql}alter function s.one owner to portico_maintenance;\ngrant execute on function s.one to portico_data, portico_worker;\n`,
  )
  await runAs()
  const state = () =>
    rows(`select p.proowner::regrole::text as owner, has_function_privilege('portico_data', p.oid, 'execute') as data,
      has_function_privilege('portico_worker', p.oid, 'execute') as worker, has_schema_privilege('portico_maintenance', 's', 'create') as creates
      from pg_proc p where p.oid = 's.one'::regproc`)
  expect(await state()).toEqual([{ owner: 'portico_maintenance', data: true, worker: true, creates: false }])
  await file('s.one', `${sql}grant execute on function s.one to portico_data;\n`)
  await runAs()
  expect(await state()).toEqual([{ owner: decodeURIComponent(target.username), data: true, worker: false, creates: false }])
  if (who !== 'a superuser') await rows(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
})

test('a function whose file is gone is dropped with its triggers, and what we did not make stays', async () => {
  await file('s.note', 'create or replace function s.note() returns trigger language plpgsql as $$ begin return new; end $$;\ncreate or replace trigger note before insert on s.t for each row execute function s.note();')
  await run()
  await rows('create function s.theirs() returns int language sql as $$ select 1 $$')
  await remove('s.note')
  expect(await run()).toMatchObject({ replaced: [], dropped: ['s.note'] })
  expect(await signatures()).toEqual(['s.theirs()'])
  await rows('insert into s.t values (1)')
  expect(await rows('select * from _portico_functions')).toEqual([])
})

test('a trigger that a file no longer makes is dropped', async () => {
  const body = 'create or replace function s.note() returns trigger language plpgsql as $$ begin return new; end $$;\n'
  const trigger = (name: string) => `create or replace trigger ${name} before insert on s.t for each row execute function s.note();\n`
  const triggers = async () =>
    (await rows("select tgname from pg_trigger where tgrelid = 's.t'::regclass order by 1")).map((row) => row['tgname'])
  await file('s.note', body + trigger('a') + trigger('b'))
  await run()
  expect(await triggers()).toEqual(['a', 'b'])
  await file('s.note', body + trigger('b') + trigger('c'))
  await run()
  expect(await triggers()).toEqual(['b', 'c'])
})

test('a database that is ahead of the folder keeps its functions', async () => {
  await file('s.one', made('s.one', 'select 2'))
  await migration('20260102000000_newer', 'select 1')
  await run()
  await rm(join(prismaDir, 'migrations', '20260102000000_newer'), { recursive: true })
  await file('s.one', made('s.one', 'select 1'))
  await file('s.two', made('s.two', 'select 2'))
  expect(await run()).toEqual({ applied: [], unknown: ['20260102000000_newer'], replaced: [], dropped: [] })
  expect(await signatures()).toEqual(['s.one()'])
  expect(await answer('s.one()')).toBe(2)
})

test('three deployments at once: one applies, the others find it done; callers never find the function missing', async () => {
  await file('s.one', made('s.one', 'select 1'))
  await run()
  await file('s.one', made('s.one', 'select 2'))
  await file('s.two', `select pg_sleep(0.2);\n${made('s.two', 'select 2')}`)
  const callers = withAdmin(url, async (client) => {
    const answers = new Set<number>()
    for (let call = 0; call < 300; call++) answers.add((await client.query<{ one: number }>('select s.one()')).rows[0]!.one)
    return answers
  })
  const results = await Promise.all([run(), run(), run()])
  expect(results.map((result) => result.replaced.length).toSorted()).toEqual([0, 0, 2])
  expect([...(await callers)].every((one) => one === 1 || one === 2)).toBe(true)
})
