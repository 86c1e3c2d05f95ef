import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.js'
import { countStatements } from '../faults/statement-counter.js'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

let fixture: MailFixture
let provider: FakeResend
let proxy: FaultProxy
beforeAll(async () => {
  fixture = await createMailFixture()
  provider = await startFakeResend()
  const url = new URL(fixture.database.url)
  proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
})
afterAll(async () => {
  await proxy.close()
  await provider.close()
  await fixture.close()
})

test('a hundred mails of one project cost far less than a trip to the database each; a single one starts at once', { timeout: 30_000 }, async () => {
  const counter = countStatements(proxy)
  const url = new URL(fixture.database.url)
  url.port = String(proxy.port)
  const config = workerConfig({ ...fixture.database, url: url.href }, {
    PORTICO_ENV: 'production',
    DATA_PLANE_PUBLIC_URL: 'https://auth.example.com',
    RESEND_API_KEY: provider.apiKey,
    RESEND_FROM_APP_AUTH: 'no-reply@example.com',
    RESEND_BASE_URL: provider.url,
  })
  const users: { id: string; email: string }[] = []
  for (let count = 0; count < 101; count += 1) users.push(await fixture.addUser())
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config,
    logger: recordingLogger().logger,
  })
  try {
    counter.take()
    await fixture.owner.query(
      `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
        select $1, gen_random_uuid(), 'password_reset', jsonb_build_object('address', a), now(), now() from unnest($2::text[]) a`,
      [fixture.projectId, users.slice(0, 100).map(({ email }) => email)],
    )
    const unfinished = async () => (await fixture.owner.query(`select 1 from auth.outbox where status <> 'sent'`)).length
    await vi.waitFor(async () => expect(await unfinished()).toBe(0), { timeout: 15_000 })
    expect(provider.mails).toHaveLength(100)
    // BullMQ's own and the relay's looks come by the clock, not by the mail.
    const trips = counter.take().filter((name) => /^(outbox_|recipients|one_time_token|email_challenge|finish_mails)/.test(name))
    expect(trips.filter((name) => name === 'outbox_lock')).toHaveLength(4)
    expect(trips.length).toBeLessThan(60)

    const delays: number[] = []
    for (let count = 0; count < 5; count += 1) {
      const since = Date.now()
      const id = await fixture.enqueue('password_changed', { end_user_id: users[100]?.id })
      await provider.waitForMail((mail) => mail.idempotencyKey === id)
      delays.push(Date.now() - since)
    }
    // A look every 250 ms, and the way to the provider; a mail that waited for others to join it would be late every time.
    expect(Math.min(...delays)).toBeLessThan(400)
  } finally {
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
  }
})
