import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { withAdmin } from '../../test/support/admin-client.js'
import { migrate } from './migrate.js'

let url: string
let prismaDir: string

beforeEach(async () => {
  prismaDir = await mkdtemp(join(tmpdir(), 'portico-migrations-'))
  await mkdir(join(prismaDir, 'migrations'))
  await mkdir(join(prismaDir, 'functions'))
  const name = `portico_migrate_${crypto.randomUUID().slice(0, 8)}`
  await withAdmin(inject('servers').adminUrl, (client) => client.query(`create database ${name}`))
  const target = new URL(inject('servers').adminUrl)
  target.pathname = `/${name}`
  url = target.href
})

afterEach(async () => {
  await withAdmin(inject('servers').adminUrl, (client) => client.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`))
  await rm(prismaDir, { recursive: true, force: true })
})

async function write(name: string, sql: string) {
  await mkdir(join(prismaDir, 'migrations', name), { recursive: true })
  await writeFile(join(prismaDir, 'migrations', name, 'migration.sql'), sql)
}

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return withAdmin(url, async (client) => (await client.query(sql)).rows as Record<string, unknown>[])
}

const run = (rolePasswords: Record<string, string> = {}) => migrate({ url, prismaDir, rolePasswords })

test('migrations are applied once, in order, and recorded as Prisma records them', async () => {
  await write('20260101000000_first', 'create table a (n int); create function f() returns int language sql as $$ select 1; $$;')
  await write('20260102000000_second', 'insert into a select f()')
  await writeFile(join(prismaDir, 'migrations', 'migration_lock.toml'), 'provider = "postgresql"\n')

  expect(await run()).toEqual({ applied: ['20260101000000_first', '20260102000000_second'], unknown: [], replaced: [], dropped: [] })
  expect(await run()).toEqual({ applied: [], unknown: [], replaced: [], dropped: [] })

  expect(await rows('select n from a')).toEqual([{ n: 1 }])
  const [row] = await rows('select * from _prisma_migrations order by migration_name')
  expect(row).toMatchObject({ migration_name: '20260101000000_first', applied_steps_count: 1, logs: null, rolled_back_at: null })
  expect(row?.['checksum']).toMatch(/^[0-9a-f]{64}$/)
  expect(row?.['finished_at']).toBeInstanceOf(Date)
})

test('a failing migration leaves nothing of the run behind and is named with its line', async () => {
  await write('20260101000000_good', 'create table a (n int)')
  await write('20260102000000_bad', 'create table b (n int);\ncreate table c (n nonsense)')
  await expect(run()).rejects.toThrow(/Migration 20260102000000_bad failed at line 2: type "nonsense" does not exist/)
  expect(await rows("select to_regclass('a') as a, to_regclass('b') as b, to_regclass('_prisma_migrations') as known")).toEqual([
    { a: null, b: null, known: null },
  ])

  await write('20260102000000_bad', 'create table b (n int)')
  expect((await run()).applied).toEqual(['20260101000000_good', '20260102000000_bad'])
})

test('an applied migration that was edited is refused, and nothing after it is applied', async () => {
  await write('20260101000000_first', 'create table a (n int)')
  await run()
  await write('20260101000000_first', 'create table a (n bigint)')
  await write('20260102000000_second', 'create table b (n int)')
  await expect(run()).rejects.toThrow('Migration 20260101000000_first was changed after it was applied')
  expect(await rows("select to_regclass('b') as b")).toEqual([{ b: null }])
})

test('a migration another tool left half done is refused', async () => {
  await write('20260101000000_first', 'select 1')
  await run()
  await rows('update _prisma_migrations set finished_at = null')
  await expect(run()).rejects.toThrow('20260101000000_first was started by another tool')
})

test('three deployments at once: one applies, the others find it done', async () => {
  await write('20260101000000_slow', 'create table a (n int); select pg_sleep(0.2)')
  const results = await Promise.all([run(), run(), run()])
  expect(results.map((result) => result.applied.length).toSorted()).toEqual([0, 0, 1])
})

test('a database that is ahead of the folder is reported, not refused', async () => {
  await write('20260101000000_first', 'select 1')
  await write('20260102000000_newer', 'select 1')
  await run()
  await rm(join(prismaDir, 'migrations', '20260102000000_newer'), { recursive: true })
  expect(await run()).toEqual({ applied: [], unknown: ['20260102000000_newer'], replaced: [], dropped: [] })
})

test('a database from before the baseline is refused, and told so', async () => {
  await write('20251231000000_old', 'create table a (n int)')
  await run()
  await rm(join(prismaDir, 'migrations', '20251231000000_old'), { recursive: true })
  await write('20260101000000_baseline', 'create table a (n int)')
  await expect(run()).rejects.toThrow('made before 20260101000000_baseline, by migrations that are no longer kept (20251231000000_old)')
  expect(await rows('select migration_name from _prisma_migrations')).toEqual([{ migration_name: '20251231000000_old' }])
})

test('a role gets its password and can log in with it, and with no other', async () => {
  const role = `portico_migrate_role_${crypto.randomUUID().slice(0, 8)}`
  await write('20260101000000_role', `create role ${role}`)
  await run({ [role]: 'first-password' })
  await run({ [role]: 'second-password' })
  const login = async (password: string) => {
    const target = new URL(url)
    target.username = role
    target.password = password
    const client = new Client({ connectionString: target.href })
    await client.connect()
    await client.end()
  }
  await login('second-password')
  await expect(login('first-password')).rejects.toThrow('password authentication failed')
  await rows(`drop role ${role}`)
})

test('a role that does not exist is named', async () => {
  await expect(run({ portico_nobody_made: 'x' })).rejects.toThrow('portico_nobody_made')
})
