import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { debianPostgresIsThere, startDebianPostgres, type DebianPostgres } from '../support/debian-postgres.js'
import { testMasterKey, type TestDatabase } from '../support/postgres.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs/backup-and-restore.md'), 'utf8')

/** The commands of the page, as they stand there. */
function commands(name: string): string {
  const found = new RegExp('```(?:sh|sql) ' + name + '\\n([\\s\\S]*?)```').exec(PAGE)?.[1]
  if (found === undefined) throw new Error(`docs/backup-and-restore.md has no commands called ${name}`)
  return found
}

describe.skipIf(!debianPostgresIsThere)('backup and restore, on PostgreSQL 15 with its own programs', () => {
  let folder: string
  const servers: DebianPostgres[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-backup-'))
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function newServer(): Promise<DebianPostgres> {
    const server = await startDebianPostgres()
    servers.push(server)
    return server
  }

  async function run(script: string, server: DebianPostgres, file: string, url = server.url): Promise<void> {
    const env = { PATH: server.path, DATABASE_URL: url, BACKUP: join(folder, file), PORTICO_MASTER_KEY: testMasterKey().toString('base64') }
    await promisify(execFile)('sh', ['-e', '-c', script], { cwd: ROOT, env })
  }

  const planeOn = (server: DebianPostgres, key: string) => {
    const database: TestDatabase = { url: server.url, databaseName: 'portico', roleUrl: () => server.url, drop: async () => undefined }
    return Promise.all([startControlPlane({ beside: { database, key } as TestControlPlane }), startDataPlane(database)])
  }

  /** Rows of every table of the product. */
  async function rows(server: DebianPostgres): Promise<Record<string, number>> {
    return withAdmin(server.url, async (client) => {
      const { rows: tables } = await client.query<{ name: string }>(
        `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in ('platform', 'auth', 'limits', 'bullmq', 'public') order by 1`,
      )
      const counts: Record<string, number> = {}
      for (const { name } of tables)
        counts[name] = (await client.query<{ n: number }>(`select count(*)::integer as n from ${name}`)).rows[0]!.n
      return counts
    })
  }

  test('into an empty server that never saw the product: everybody logs in, refreshes and is vouched for, and apps boot with the same secret', async () => {
    const first = await newServer()
    await run('node scripts/migrate.mjs', first, 'none')
    const key = `msk_live_${'a'.repeat(43)}`
    const [control, data] = await planeOn(first, key)
    const projectId = await makeProject(control, { enable: true })
    const people = await Promise.all([1, 2, 3].map(() => signUp(`${data.url}/${projectId}`)))
    const boot = async (plane: TestControlPlane) => (await plane.call('POST', `projects/${projectId}/instances`, {})).body.data.env
    const env = await boot(control)
    await data.close()
    await control.stop()
    const kept = await rows(first)
    expect([kept['auth.end_user'], kept['auth.session']]).toEqual([3, 3])
    await run(commands('backup'), first, 'portico.dump')

    const second = await newServer()
    await run(commands('restore'), second, 'portico.dump')
    expect(await rows(second)).toEqual(kept)

    const [controlAgain, dataAgain] = await planeOn(second, key)
    const base = `${dataAgain.url}/${projectId}`
    for (const person of people) {
      const vouched = await call(`${base}/verify`, { body: { token: person.accessToken } })
      const refreshed = await call(`${base}/refresh`, { body: { refresh_token: person.refreshToken } })
      const login = await call(`${base}/login`, { body: { email: person.email, password: PASSWORD } })
      expect([vouched.status, refreshed.status, login.status], JSON.stringify([vouched.body, refreshed.body, login.body])).toEqual([
        200, 200, 200,
      ])
    }
    expect((await call(`${dataAgain.url}/health/ready`)).status).toBe(200)
    const { AUTH_JWT_SECRET } = await boot(controlAgain)
    expect(AUTH_JWT_SECRET).toMatch(/./)
    expect(AUTH_JWT_SECRET).toBe(env.AUTH_JWT_SECRET)

    // Against an intruder: everything ends.
    await run(`psql "$DATABASE_URL" --set=ON_ERROR_STOP=1 <<'END'\n${commands('end-every-session')}END\n`, second, 'none')
    for (const person of people) expect((await call(`${base}/user`, { token: person.accessToken })).status).toBe(401)
    await dataAgain.close()
    await controlAgain.stop()

    // Another master key is refused, and the restored database left as it is.
    const otherKey = Buffer.alloc(32, 1).toString('base64')
    await expect(run(`PORTICO_MASTER_KEY=${otherKey} node scripts/migrate.mjs`, second, 'none')).rejects.toThrow(
      /PORTICO_MASTER_KEY is not the key of this database/,
    )
  })

  test('an owner who is no superuser has no role that gets past row security, and dumps every row under the policy of the product', async () => {
    const server = await newServer()
    await withAdmin(server.url, async (client) => {
      await client.query('create role modest login createrole')
      await client.query('create database modest owner modest')
    })
    const url = new URL(server.url)
    Object.assign(url, { username: 'modest', pathname: '/modest' })
    await run('node scripts/migrate.mjs', server, 'none', url.href)
    await withAdmin(url.href, async (client) => {
      expect((await client.query(`select from pg_roles where rolname = 'portico_backup'`)).rowCount).toBe(0)
    })
    const superuser = new URL(url)
    superuser.username = 'owner'
    await withAdmin(superuser.href, async (client) => {
      await client.query(`insert into platform.tenant (id, name, slug, created_at, updated_at) values (gen_random_uuid(), 'T', 't', now(), now());
        insert into platform.project (id, tenant_id, name, slug, created_at, updated_at) select gen_random_uuid(), id, n::text, n::text, now(), now()
          from platform.tenant, generate_series(1, 3) n`)
    })
    await expect(run('pg_dump --format=custom --file="$BACKUP" "$DATABASE_URL"', server, 'modest.dump', url.href)).rejects.toThrow(
      /row-level security policy/,
    )
    await run(commands('backup-without-role'), server, 'modest.dump', url.href)
    const { stdout } = await promisify(execFile)(
      'pg_restore',
      ['--data-only', '--table=service', '--file=-', join(folder, 'modest.dump')],
      { env: { PATH: server.path } },
    )
    expect(/^COPY auth\.service .*\n((?:.*\n)*?)\\\.$/m.exec(stdout)?.[1]?.trim().split('\n')).toHaveLength(3)
  })
})
