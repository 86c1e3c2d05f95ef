import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { migrate } from '@portico/database/migrate'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { createLogger } from '@portico/http/request-log'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { withAdmin } from '../support/admin-client.js'
import { startControlPlane } from '../support/control-plane.js'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { startFakeResend } from '../support/fake-resend.js'
import { workerConfig } from '../support/mail-fixture.js'
import { carriesStatements, pgbouncerVersion, startPgbouncer, type Pgbouncer } from '../support/pgbouncer.js'
import { testMasterKey, wantedPostgres, type TestDatabase } from '../support/postgres.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const ROLES = ['portico_data', 'portico_control', 'portico_worker']
const REASON = /^The pooler in front of PostgreSQL gives each transaction another session and does not carry prepared statements/

describe.skipIf(pgbouncerVersion === null)(`behind pgbouncer ${pgbouncerVersion?.join('.') ?? '(skipped: not on this machine)'}`, () => {
  let folder: string
  let server: EmbeddedPostgres
  let pooler: Pgbouncer | null = null
  const passwords = Object.fromEntries(ROLES.map((role) => [role, deriveRolePassword(testMasterKey(), role)]))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-pooler-'))
    await chmod(folder, 0o711)
    server = await startEmbeddedPostgres({ dataDir: folder, fsync: false, ...wantedPostgres })
    await migrate({ url: server.url, prismaDir: PRISMA, rolePasswords: passwords })
  })
  afterEach(async () => {
    await pooler?.stop()
    pooler = null
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const databaseAt = (url: string): TestDatabase => ({ url, databaseName: 'portico', roleUrl: () => url, drop: async () => undefined })

  async function behind(mode: 'transaction' | 'session', size?: number): Promise<TestDatabase> {
    const owner = new URL(server.url)
    const users = { ...passwords, [decodeURIComponent(owner.username)]: decodeURIComponent(owner.password) }
    pooler = await startPgbouncer(server.url, { mode, users, ...(size !== undefined && { size }) })
    return databaseAt(pooler.through(server.url))
  }

  /** What a project's people do, four at once so that sessions change hands. */
  async function lives(database: TestDatabase): Promise<void> {
    const project = await createTestProject(databaseAt(server.url))
    const planes = [await startDataPlane(database), await startDataPlane(database)]
    const at = (index: number) => `${planes[index % 2]!.url}${project.path}`
    expect((await call(`${planes[0]!.url}/health/ready`)).status).toBe(200)
    const people = await Promise.all([0, 1, 2, 3].map((index) => signUp(at(index))))
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        people.map(async ({ email }, index) => {
          const { status, body } = await call(`${at(index)}/login`, { body: { email, password: PASSWORD } })
          const refreshed = await call(`${at(index + 1)}/refresh`, { body: { refresh_token: body.refresh_token } })
          const checked = await call(`${at(index)}/verify`, { body: { token: refreshed.body.access_token } })
          return [status, refreshed.status, checked.status]
        }),
      )
      expect(answers).toEqual(people.map(() => [200, 200, 200]))
    }
    // An ending counts everywhere within a second, by polling alone.
    const session = await call(`${at(0)}/login`, { body: { email: people[0]!.email, password: PASSWORD } })
    await call(`${at(0)}/logout`, { method: 'POST', token: session.body.access_token, body: {} })
    await expect.poll(async () => (await call(`${at(1)}/verify`, { body: { token: session.body.access_token } })).status, { timeout: 1_000 }).toBe(401)
    await Promise.all(planes.map((plane) => plane.close()))
  }

  test('sessions of their own: two data planes live through it, and nothing of a start is refused', async () => {
    await lives(await behind('session', 60))
    expect(await pooler!.log()).not.toMatch(/unsupported startup parameter/)
  })

  test('transactions that share sessions: it works where statements are carried along, else every process refuses to start', async () => {
    const database = await behind('transaction')
    if (carriesStatements) return lives(database)
    await expect(startDataPlane(database)).rejects.toThrow(REASON)
    await expect(startControlPlane({ config: { databaseUrl: database.url } })).rejects.toThrow(REASON)
    const config = workerConfig(database, {})
    await expect(startWorker({ config, logger: createLogger({ service: 'worker', level: 'silent' }) })).rejects.toThrow(REASON)
  })

  test('the process of a service ends with the reason in its log', { timeout: 60_000 }, async () => {
    const database = await behind('transaction')
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      WORKER_PORT: '0',
      DATA_PLANE_PORT: '4199',
      DATA_PLANE_METRICS_PORT: '0',
    }
    if (carriesStatements) return
    const child = spawn(process.execPath, ['apps/data-plane/dist/serve.js'], { cwd: ROOT, env })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    expect(await new Promise((done) => child.once('exit', done))).toBe(1)
    expect(output).toMatch(/"msg":"the data plane could not start"/)
    expect(output).toMatch(/pgbouncer before 1\.21/)
  })

  test('migrate runs through it, many at once, and leaves no lock in a session that is shared', async () => {
    const database = await behind('transaction', 2)
    const run = () => migrate({ url: database.url, prismaDir: PRISMA, rolePasswords: passwords })
    const results = await Promise.all([run(), run(), run()])
    expect(results.map(({ applied }) => applied)).toEqual([[], [], []])
    const locks = await withAdmin(server.url, (client) => client.query(`select 1 from pg_locks where locktype = 'advisory'`))
    expect(locks.rows).toEqual([])
  })

  test('the queue and migrate take DATABASE_DIRECT_URL, everything else the pooler', { timeout: 60_000 }, async () => {
    const database = await behind(carriesStatements ? 'transaction' : 'session', 60)
    const project = await createTestProject(databaseAt(server.url))
    const resend = await startFakeResend()
    const plane = await startDataPlane(database, { emailConfigured: true })
    const worker = await startWorker({
      changeFeedMs: QUICK_FEED_MS,
      config: workerConfig(database, {
        DATABASE_DIRECT_URL: server.url,
        RESEND_API_KEY: resend.apiKey,
        RESEND_FROM_APP_AUTH: 'Portico <auth@example.com>',
        RESEND_BASE_URL: resend.url,
      }),
      logger: createLogger({ service: 'worker', level: 'silent' }),
      printLine: () => {},
    })
    const { email } = await signUp(`${plane.url}${project.path}`)
    await call(`${plane.url}${project.path}/password-reset`, { body: { email } })
    expect((await resend.waitForMail((mail) => mail.to.includes(email) && /password/i.test(mail.subject))).to).toContain(email)
    const { rows } = await withAdmin(server.url, (client) =>
      client.query<{ name: string }>(
        `select distinct application_name as name from pg_stat_activity where usename = 'portico_worker' order by 1`,
      ),
    )
    expect(rows.map(({ name }) => name)).toContain('portico-queue')
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
    await Promise.all([plane.close(), resend.close()])

    const child = spawn(process.execPath, ['scripts/migrate.mjs'], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        // Nobody listens there.
        DATABASE_URL: 'postgresql://owner:x@127.0.0.1:1/portico',
        DATABASE_DIRECT_URL: server.url,
        PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    expect([await new Promise((done) => child.once('exit', done)), output]).toEqual([0, 'nothing to apply\n'])
  })
})
