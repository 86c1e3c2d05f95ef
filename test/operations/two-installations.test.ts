import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { migrate } from '@portico/database/migrate'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { testMasterKey, type TestDatabase } from '../support/postgres.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const SERVICES = ['data', 'control', 'worker']

let folder: string
let server: EmbeddedPostgres
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-two-'))
  await chmod(folder, 0o711)
  server = await startEmbeddedPostgres({ dataDir: folder, fsync: false })
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** One installation with a database and a master key of its own. */
async function install(name: string, rolePrefix: string, masterKey: Buffer): Promise<TestDatabase> {
  const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  await withAdmin(server.url, async (client) => {
    const { rows } = await client.query('select from pg_database where datname = $1', [name])
    if (rows.length === 0) await client.query(`create database ${name}`)
  })
  const roles = SERVICES.map((service) => `${rolePrefix}_${service}`)
  const rolePasswords = Object.fromEntries(roles.map((role) => [role, deriveRolePassword(masterKey, role)]))
  await migrate({ url, prismaDir: PRISMA, rolePrefix, rolePasswords })
  return { url, databaseName: name, roleUrl: () => url, drop: async () => undefined }
}

test('two installations on one server have roles of their own: neither shuts the other out, nor may do anything in it', async () => {
  const first = await install('first', 'portico', testMasterKey())
  const project = await createTestProject(first)
  const plane = await startDataPlane(first)
  const { email } = await signUp(`${plane.url}${project.path}`)

  const otherKey = randomBytes(32)
  const second = await install('second', 'acme_auth', otherKey)
  // Whoever connects from now on logs in anew: with one set of roles the passwords would be the other installation's.
  await withAdmin(first.url, (client) =>
    client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename in ('portico_data', 'portico_control', 'portico_worker')`),
  )
  await expect.poll(async () => (await call(`${plane.url}${project.path}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
  expect((await call(`${plane.url}/health/ready`)).status).toBe(200)

  const beside = await startDataPlane(second, { masterKey: otherKey, rolePrefix: 'acme_auth' })
  expect((await call(`${beside.url}/health/ready`)).status).toBe(200)
  const foreign = await withAdmin(second.url, (client) =>
    client.query(`select c.oid::regclass::text as name from pg_class c where c.relacl::text ~ $1
      union all select p.oid::regprocedure::text from pg_proc p where p.proacl::text ~ $1 or pg_get_userbyid(p.proowner)::text ~ $1
      union all select tablename || ' ' || policyname from pg_policies where roles::text ~ $1
      union all select nspname from pg_namespace where nspacl::text ~ $1`,
      ['portico_(data|control|worker|maintenance)']),
  )
  expect(foreign.rows).toEqual([])
  // As the other installation's role, in this database.
  const stranger = new URL(first.url)
  Object.assign(stranger, { username: 'acme_auth_data', password: deriveRolePassword(otherKey, 'acme_auth_data') })
  await expect(withAdmin(stranger.href, (client) => client.query('select * from auth.end_user'))).rejects.toThrow(/permission denied/)
  // Again, the other way round.
  expect(await install('first', 'portico', testMasterKey())).toBeDefined()
  expect((await call(`${beside.url}/health/ready`)).status).toBe(200)
  await Promise.all([plane.close(), beside.close()])
})

test('a prefix is a plain name: nothing of it reaches the SQL otherwise', async () => {
  for (const rolePrefix of ['a b', "x'; drop", 'A', '', '1a']) {
    await expect(migrate({ url: server.url, prismaDir: PRISMA, rolePrefix, rolePasswords: {} })).rejects.toThrow(/no plain name/)
  }
})
