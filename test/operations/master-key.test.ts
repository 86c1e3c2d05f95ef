import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { hmacSha256 } from '@portico/crypto/hmac'
import { MasterKeyCanary } from '@portico/crypto/master-key-canary'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { SealedBox } from '@portico/crypto/sealed-box'
import { Database } from '@portico/database/database'
import { migrate } from '@portico/database/migrate'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { digestCode } from '@portico/end-user/steps/code-digest'
import { resealCanary } from '@portico/platform/master-key/reseal-canary'
import { ResealProject } from '@portico/platform/master-key/reseal-project'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../support/data-plane.js'
import { testMasterKey, type TestDatabase } from '../support/postgres.js'

// Roles and their passwords belong to the server, so these tests have one of their own.
const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const ROLES = ['portico_data', 'portico_control', 'portico_worker']
const WRONG = /^PORTICO_MASTER_KEY is not the key of this database/

let folder: string
let server: EmbeddedPostgres
let database: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-keys-'))
  await chmod(folder, 0o711)
  server = await startEmbeddedPostgres({ dataDir: folder, fsync: false })
  database = { url: server.url, databaseName: 'portico', roleUrl: () => server.url, drop: async () => undefined }
  await migrateWith({ current: oldKey })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const oldKey = Buffer.from(inject('servers').masterKey, 'base64')
const newKey = randomBytes(32)

async function migrateWith(keys: { current: Buffer; previous?: Buffer }): Promise<void> {
  await migrate({
    url: server.url,
    prismaDir: PRISMA,
    canary: new MasterKeyCanary(keys),
    rolePasswords: (inUse) => Object.fromEntries(ROLES.map((role) => [role, deriveRolePassword(keys[inUse] ?? keys.current, role)])),
  })
}

/** Ends every connection of the service roles, and lets the processes notice: what comes after logs in again. */
async function disconnectEverybody(): Promise<void> {
  await withAdmin(server.url, async (client) => {
    const theirs = `usename = any ('{${ROLES.join()}}')`
    const { rows } = await client.query<{ pid: number }>(`select pid, pg_terminate_backend(pid, 5000) from pg_stat_activity where ${theirs}`)
    expect(rows.length).toBeGreaterThan(0)
  })
  await sleep(200)
}

const ready = async (plane: RunningDataPlane) => call(`${plane.url}/health/ready`)

test('migrate refuses a wrong master key by name, and changes nothing', async () => {
  await expect(migrateWith({ current: randomBytes(32) })).rejects.toThrow(WRONG)
  await migrateWith({ current: oldKey })
})

test('a process with a wrong master key is not ready and says which variable is wrong', async () => {
  const lines: string[] = []
  const wrong = await startDataPlane(database, { masterKey: randomBytes(32), logTo: (line) => lines.push(line) })
  const answer = await ready(wrong)
  expect([answer.status, answer.body.error.details[0].field]).toEqual([503, 'master_key'])
  expect(lines.filter((line) => line.includes('PORTICO_MASTER_KEY is not the key of this database'))).toHaveLength(1)
  await wrong.close()

  // Roles whose passwords fit are no proof.
  await withAdmin(server.url, (client) => client.query(`update platform.installation set canary = $1`, [new MasterKeyCanary({ current: newKey }).seal()]))
  const sealedElsewhere = await startDataPlane(database)
  expect((await ready(sealedElsewhere)).body.error.details[0].field).toBe('master_key')
  await sealedElsewhere.close()
  await withAdmin(server.url, (client) => client.query(`update platform.installation set canary = $1`, [new MasterKeyCanary({ current: oldKey }).seal()]))
})

test('the master key is rotated without a refused login, by processes with the old key, with both and with the new one', async () => {
  const project = await createTestProject(database, { settings: { providers: ['email', 'email_otp'] } })
  const before = await startDataPlane(database)
  const { email } = await signUp(`${before.url}${project.path}`)
  const refused: string[] = []
  /** A code that the worker mailed under `key` a moment ago. */
  const typeCode = async (name: string, plane: RunningDataPlane, key: Buffer, email: string) => {
    const digest = digestCode(hmacSha256(key, 'portico/email-code'), project.id, email, '123456')
    await withAdmin(server.url, (client) =>
      client.query(
        `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, code_digest, create_user, created_at, expires_at, code_expires_at)
          values ($1, gen_random_uuid(), 'sign_in', $2, $2, $3, true, now(), now() + interval '10 minutes', now() + interval '10 minutes')`,
        [project.id, email, digest],
      ),
    )
    const { status } = await call(`${plane.url}${project.path}/email/verify`, { body: { email, code: '123456' } })
    if (status !== 200) refused.push(`${name}: ${status}`)
    return status
  }
  const logIn = async (name: string, plane: RunningDataPlane) => {
    await disconnectEverybody()
    const answers = await Promise.all([0, 1, 2].map(() => call(`${plane.url}${project.path}/login`, { body: { email, password: PASSWORD } })))
    for (const answer of answers) if (answer.status !== 200) refused.push(`${name}: ${answer.status} ${answer.text}`)
    const refreshed = await call(`${plane.url}${project.path}/refresh`, { body: { refresh_token: answers[0]!.body?.refresh_token } })
    if (refreshed.status !== 200) refused.push(`${name}, refresh: ${refreshed.status} ${refreshed.text}`)
    const { status } = await ready(plane)
    if (status !== 200) refused.push(`${name}: not ready`)
  }

  // The first restart, of those who roll: old key in use, the new one known.
  const both = await startDataPlane(database, { previousMasterKey: newKey })
  await logIn('old key', before)
  await logIn('old key, new one known', both)

  // Then they change places, for migrate too.
  await migrateWith({ current: newKey, previous: oldKey })
  const during = await startDataPlane(database, { masterKey: newKey, previousMasterKey: oldKey })
  await logIn('old key, after migrate', before)
  await logIn('old key, new one known, after migrate', both)
  await logIn('new key', during)
  // Codes that were mailed before count until they expire, and so do those that a worker of either kind mails meanwhile.
  await typeCode('code of before', both, oldKey, 'code-1@example.com')
  await typeCode('code of a worker with the new key', both, newKey, 'code-2@example.com')
  await typeCode('code of before, new key', during, oldKey, 'code-3@example.com')
  await typeCode('code of the new key', during, newKey, 'code-4@example.com')
  expect(refused.splice(0)).toEqual([])
  expect(await typeCode('code of no key of ours', during, randomBytes(32), 'code-5@example.com')).toBe(400)
  refused.splice(0)
  await before.close()
  await both.close()

  // Dropping the old key before everything is sealed again is refused.
  await expect(migrateWith({ current: newKey })).rejects.toThrow(WRONG)
  const connectionString = new URL(server.url)
  Object.assign(connectionString, { username: 'portico_control', password: deriveRolePassword(oldKey, 'portico_control') })
  const control = new Database({ connectionString: connectionString.href, poolSize: 2, applicationName: 'test' })
  const keys = { current: newKey, previous: oldKey }
  const { scope } = (await new ProjectDirectory(control).resolve(project.id))!
  expect(await new ResealProject(new ProjectDb(control), new SealedBox(keys)).execute(scope)).toBe(2)
  await resealCanary(new PlatformSql(control), new MasterKeyCanary(keys))
  await control.close()
  await logIn('new key, all sealed again', during)

  // The passwords change under the running process.
  await migrateWith({ current: newKey })
  await logIn('both keys, new passwords', during)
  const after = await startDataPlane(database, { masterKey: newKey })
  await logIn('new key alone', after)
  expect(refused).toEqual([])

  // Who missed it says so.
  const forgotten = await startDataPlane(database, { masterKey: testMasterKey() })
  expect((await ready(forgotten)).body.error.details[0].field).toBe('master_key')
  await Promise.all([during.close(), after.close(), forgotten.close()])
})
