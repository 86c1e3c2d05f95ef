import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createLogger } from '@portico/http/request-log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { withAdmin } from '../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { debianPostgresIsThere, startDebianPostgres, type DebianPostgres } from '../support/debian-postgres.js'
import { workerConfig } from '../support/mail-fixture.js'
import { testMasterKey, type TestDatabase } from '../support/postgres.js'
import { makeAuthority, type TestAuthority } from '../support/test-authority.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

describe.skipIf(!debianPostgresIsThere)('PostgreSQL over TLS, with an authority of its own', () => {
  let authority: TestAuthority
  let other: TestAuthority
  let server: DebianPostgres
  beforeAll(async () => {
    authority = await makeAuthority()
    other = await makeAuthority()
    // By the name that it is reached by.
    const { key, cert } = await authority.issue('DNS:localhost')
    server = await startDebianPostgres({
      asksPasswords: true,
      files: { 'server.key': key, 'server.crt': cert },
      settings: { ssl: 'on' },
    })
  })
  afterAll(async () => {
    await server?.stop()
    await Promise.all([authority?.drop(), other?.drop()])
  })

  const at = (caFile: string, host = 'localhost'): TestDatabase => {
    const url = Object.assign(new URL(server.url), { hostname: host, search: `?sslmode=verify-full&sslrootcert=${encodeURIComponent(caFile)}` }).href
    return { url, databaseName: 'portico', roleUrl: () => url, drop: async () => undefined }
  }
  const migrate = (database: TestDatabase) =>
    promisify(execFile)(process.execPath, ['scripts/migrate.mjs'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], DATABASE_URL: database.url, PORTICO_MASTER_KEY: testMasterKey().toString('base64') },
    })

  test('migrate, both planes, the worker and its queue: every connection is encrypted, and the server is who it says', async () => {
    const database = at(authority.caFile)
    await migrate(database)
    const control = await startControlPlane({ beside: { database, key: `msk_live_${'a'.repeat(43)}` } as TestControlPlane })
    const plane = await startDataPlane(database)
    const worker = await startWorker({
      config: workerConfig(database, {}),
      logger: createLogger({ service: 'worker', level: 'silent' }),
      printLine: () => {},
    })
    try {
      // Through Prisma.
      const base = `${plane.url}/${await makeProject(control, { enable: true })}`
      const { email } = await signUp(base)
      expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
      expect((await call(`${plane.url}/health/ready`)).status).toBe(200)
      const seen = await withAdmin(at(authority.caFile).url, (client) =>
        client.query<{ name: string; ssl: boolean }>(
          `select distinct a.application_name as name, s.ssl from pg_stat_activity a join pg_stat_ssl s using (pid) where a.usename like 'portico\\_%'`,
        ),
      )
      expect(seen.rows.map(({ name }) => name)).toEqual(
        expect.arrayContaining(
          ['control-plane', 'control-plane-prisma', 'data-plane', 'worker', 'queue'].map((process) => `portico-${process}`),
        ),
      )
      expect(seen.rows.filter(({ ssl }) => !ssl)).toEqual([])
    } finally {
      await worker.server.close()
      for (const step of worker.stopSteps) await step.run()
      await Promise.all([plane.close(), control.stop()])
    }
  })

  test.each([
    ['an authority that did not sign it', () => at(other.caFile)],
    ['another name than the certificate has', () => at(authority.caFile, '127.0.0.1')],
  ])('%s: nothing is sent, and readiness and the log say why', async (_what, open) => {
    const lines: string[] = []
    const plane = await startDataPlane(open(), { logTo: (line) => lines.push(line) })
    const { status, body } = await call(`${plane.url}/health/ready`)
    await plane.close()
    expect([status, body.error.details]).toEqual([
      503, [{ field: 'postgres', code: 'down', message: 'Not ready: the certificate was not accepted.' }],
    ])
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toContainEqual(
      expect.objectContaining({ msg: 'not ready', part: 'postgres', why: 'the certificate was not accepted' }),
    )
    await expect(migrate(open())).rejects.toThrow(/The migrations could not be applied: .*(self[- ]signed|unable to|altnames)/s)
  })
})
