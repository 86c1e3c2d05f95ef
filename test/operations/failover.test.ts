import { fileURLToPath } from 'node:url'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { migrate } from '@portico/database/migrate'
import { createLogger } from '@portico/http/request-log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { withAdmin } from '../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { call, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../support/data-plane.js'
import { debianPostgresIsThere, startDebianPostgres, type DebianPostgres } from '../support/debian-postgres.js'
import { workerConfig } from '../support/mail-fixture.js'
import { testMasterKey, type TestDatabase } from '../support/postgres.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))
const ROLES = ['portico_data', 'portico_control', 'portico_worker']

describe.skipIf(!debianPostgresIsThere)('a primary and its standby', () => {
  let primary: DebianPostgres
  let standby: DebianPostgres
  let both: TestDatabase
  let control: TestControlPlane
  let plane: RunningDataPlane
  let worker: Awaited<ReturnType<typeof startWorker>>
  let base: string
  let projectId: string
  const workerLines: string[] = []
  const key = `msk_live_${'b'.repeat(43)}`

  beforeAll(async () => {
    primary = await startDebianPostgres({ settings: { max_wal_senders: '4', hot_standby: 'on' } })
    const rolePasswords = Object.fromEntries(ROLES.map((role) => [role, deriveRolePassword(testMasterKey(), role)]))
    await migrate({ url: primary.url, prismaDir: PRISMA, rolePasswords })
    standby = await startDebianPostgres({ follows: primary, settings: { wal_retrieve_retry_interval: '200ms' } })
    // The standby first: it takes no writes and is passed over.
    const url = `postgresql://owner@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/portico?target_session_attrs=read-write`
    both = { url, databaseName: 'portico', roleUrl: () => url, drop: async () => undefined }
    control = await startControlPlane({
      beside: { database: both, key } as TestControlPlane,
      config: { replicaDatabaseUrl: standby.url },
      // Longer than any standby of a busy machine takes.
      overrides: { replicaWaitMs: 20_000 },
    })
    plane = await startDataPlane(both)
    worker = await startWorker({
      config: workerConfig(both, {}),
      logger: createLogger({ service: 'worker', level: 'info', destination: { write: (line: string) => void workerLines.push(line) } }),
      printLine: () => {},
    })
    projectId = await makeProject(control, { enable: true })
    base = `${plane.url}/${projectId}`
  })
  afterAll(async () => {
    await worker?.server.close()
    for (const step of worker?.stopSteps ?? []) await step.run()
    await plane?.close()
    await control?.stop()
    await standby?.stop()
    await primary?.stop()
  })

  const list = async (by = control) =>
    ((await by.call('GET', `projects/${projectId}/users?limit=100`)).body.data as { email: string }[]).map(({ email }) => email)
  const onStandby = (sql: string) => withAdmin(standby.url, (client) => client.query(sql))

  const projects = async (by = control) =>
    ((await by.call('GET', 'projects?limit=100')).body.data as { id: string }[]).map(({ id }) => id)
  /** What the copy was last asked over each connection of the control plane. */
  const askedOfStandby = async () =>
    (await onStandby(`select query from pg_stat_activity where application_name = 'portico-control-plane-replica'`)).rows.map((row) => String(row.query)).join()

  test('lists come from the copy, and have what was acknowledged before, by whichever process', async () => {
    const config = { replicaDatabaseUrl: standby.url }
    const beside = await startControlPlane({ beside: control, config, overrides: { replicaWaitMs: 20_000 } })
    for (let round = 0; round < 5; round += 1) {
      const id = await makeProject(control)
      expect(await projects(beside)).toContain(id)
      const { email } = await signUp(base)
      expect(await list(beside)).toContain(email)
    }
    const asked = await askedOfStandby()
    expect(asked).toContain('"platform"."project"')
    // A unit of work of a project's lists ends so.
    expect(asked).toContain('commit')
    await beside.stop()
  })

  test('a copy that lags or is gone is left alone: lists are whole all the same, and no slower than its time', async () => {
    await onStandby('select pg_wal_replay_pause()')
    const { email } = await signUp(base)
    const made = await makeProject(control)
    // Lags; away.
    for (const replicaDatabaseUrl of [standby.url, 'postgresql://127.0.0.1:1/portico']) {
      const other = await startControlPlane({ beside: control, config: { replicaDatabaseUrl } })
      for (let again = 0; again < 3; again += 1) {
        expect(await list(other)).toContain(email)
        expect(await projects(other)).toContain(made)
        expect((await other.call('GET', `projects/${projectId}/stats`)).status).toBe(200)
      }
      await other.stop()
    }
    await onStandby('select pg_wal_replay_resume()')
  })

  test('the primary is lost and the standby promoted: refused cleanly, then at work, with a log that can be read', async () => {
    const { email } = await signUp(base)
    await expect.poll(async () => (await onStandby(`select 1 from auth.end_user where email = '${email}'`)).rows.length, { timeout: 10_000 }).toBe(1)
    const before = workerLines.length
    await primary.kill()
    const answers: number[] = []
    for (let tries = 0; tries < 5; tries++) answers.push((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status)
    expect(answers).toEqual([503, 503, 503, 503, 503])
    expect((await call(`${plane.url}/health/ready`)).body.error.details[0]).toMatchObject({ field: 'postgres', code: 'down' })
    await onStandby('select pg_promote()')
    await expect.poll(async () => (await call(`${plane.url}/health/ready`)).status, { timeout: 20_000, interval: 100 }).toBe(200)
    await expect.poll(async () => (await call(`${base}/login`, { body: { email, password: PASSWORD } })).status, { timeout: 20_000 }).toBe(200)
    expect((await signUp(base)).answer.status).toBe(201)
    await expect.poll(async () => (await control.call('GET', `projects/${projectId}/users`)).status, { timeout: 20_000 }).toBe(200)
    await expect.poll(async () => (await worker.server.inject('/health/ready')).statusCode, { timeout: 20_000 }).toBe(200)
    // 700 were seen in an outage of seconds before loops waited.
    expect(workerLines.length - before).toBeLessThan(100)
  })
})
