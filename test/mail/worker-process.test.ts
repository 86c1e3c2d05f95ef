import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, type MailFixture } from '../support/mail-fixture.js'
import { testMasterKey } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { testRedisUrl } from '../support/redis.js'

const redisUrl = testRedisUrl()
let fixture: MailFixture
let provider: FakeResend
const running: AppProcess[] = []
beforeAll(async () => {
  fixture = await createMailFixture()
})
afterAll(() => fixture.close())
beforeEach(async () => {
  provider = await startFakeResend()
})
afterEach(async () => {
  for (const app of running.splice(0)) {
    app.signal('SIGKILL')
    await app.exited
  }
  await provider.close()
})

async function start(env: Record<string, string> = {}): Promise<AppProcess> {
  const app = await startApp('worker', {
    env: {
      DATABASE_URL: fixture.database.url,
      PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
      RESEND_API_KEY: provider.apiKey,
      RESEND_FROM_APP_AUTH: 'no-reply@example.com',
      RESEND_BASE_URL: provider.url,
      ...env,
    },
  })
  running.push(app)
  return app
}

const untilSent = (id: string, timeout: number) =>
  vi.waitFor(async () => expect((await fixture.row(id)).status).toBe('sent'), { timeout, interval: 100 })

// With the queue in PostgreSQL it is a fault run that CI makes (test/faults/mail-faults.ts).
const queue: Record<string, string> = redisUrl === null ? {} : { REDIS_URL: redisUrl }
const killed = 'a worker that is killed while sending: the next one sends the same bytes, and the provider counts one mail, within a minute'
test(killed, { timeout: 90_000 }, async () => {
  const user = await fixture.addUser()
  provider.next(1, { kind: 'hang_after_accepting' })
  const first = await start(queue)
  const id = await fixture.enqueue('password_reset', { address: user.email })
  await provider.waitForMail((mail) => mail.idempotencyKey === id)
  first.signal('SIGKILL')
  await first.exited
  await start(queue)
  await untilSent(id, 60_000)
  expect(provider.mails).toHaveLength(1)
  expect(provider.attempts.length).toBeGreaterThan(1)
  expect(new Set(provider.attempts.map((attempt) => `${attempt.idempotencyKey} ${attempt.body}`))).toEqual(
    new Set([`${id} ${provider.mails[0]?.body}`]),
  )
})

test('SIGTERM while the provider hangs: the mail in work is given its time, the row waits for another try, exit 0 within 15 s', { timeout: 60_000 }, async () => {
  const user = await fixture.addUser()
  provider.always({ kind: 'hang_after_accepting' })
  const app = await start()
  const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
  await provider.waitForMail((mail) => mail.idempotencyKey === id)
  const since = Date.now()
  expect(await app.stop()).toBe(0)
  expect(Date.now() - since).toBeLessThan(15_000)
  // On a machine so busy that the try outlasts its time the row stays with the queue, which gives the job to the next worker.
  expect(['pending', 'enqueued']).toContain((await fixture.row(id))?.status)
  provider.heal()
  await start()
  await untilSent(id, 35_000)
  expect(provider.mails).toHaveLength(1)
})

test('a worker whose database connections are cut goes on by itself, within a minute', { timeout: 90_000 }, async () => {
  const user = await fixture.addUser()
  const app = await start()
  await fixture.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'portico_worker' and datname = current_database()`,
  )
  const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
  await untilSent(id, 60_000).catch((error) => {
    throw new Error(`not sent; the worker said:\n${app.logs.join('\n')}`, { cause: error })
  })
  expect(await app.stop()).toBe(0)
})

test('an idle worker stops at once, and says what is wrong with its configuration by name', async () => {
  const app = await start()
  const since = Date.now()
  expect(await app.stop()).toBe(0)
  expect(Date.now() - since).toBeLessThan(5_000)
  const misconfigured = await startApp('worker', { env: { RESEND_API_KEY: 're_secret_value' }, waitUntilReady: false })
  expect(await misconfigured.exited).toBe(1)
  expect(misconfigured.logs.join('\n')).toMatch(/DATABASE_URL[\s\S]*RESEND_FROM_APP_AUTH/)
  expect(misconfigured.logs.join('\n')).not.toContain('re_secret_value')
})

test('a worker that waits for its database stops when it is told to, as process 1 of a container too', { timeout: 60_000 }, async () => {
  const away = new URL(fixture.database.url)
  away.port = '1'
  const app = await startApp('worker', {
    env: { DATABASE_URL: away.href, PORTICO_MASTER_KEY: testMasterKey().toString('base64'), DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100' },
    waitUntilReady: false,
  })
  running.push(app)
  await app.waitForLog(/the queue cannot be opened yet/, 30_000)
  // By itself, not by the signal: the kernel has no default for process 1.
  expect(await app.stop()).toBe(0)
})
