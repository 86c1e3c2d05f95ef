import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { createMailFixture, type MailFixture } from '../support/mail-fixture.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { startSmtpServer, type FakeSmtp } from '../support/smtp-server.js'

/** Mails that wait in the outbox, through the whole worker as a process of its own and a real SMTP server beside it, to the last `250`. */
const MAILS = Number(process.env['BENCH_MAILS'] ?? 5_000)
const GOAL_PER_SECOND = 500

let fixture: MailFixture
let server: FakeSmtp
let worker: AppProcess | undefined

beforeAll(async () => {
  fixture = await createMailFixture()
  server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true })
})
afterAll(async () => {
  await worker?.stop()
  await server?.close()
  await fixture?.close()
})

test(
  `${MAILS} mails leave at ${GOAL_PER_SECOND} in a second or more, each once`,
  async () => {
    await fixture.owner.query(
      `with people as (insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, created_at, updated_at)
          select $1, gen_random_uuid(), 'p' || n || '@example.com', 'p' || n || '@example.com', now(), now(), now()
          from generate_series(1, $2::integer) n returning id)
        insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
          select $1, gen_random_uuid(), 'password_changed', jsonb_build_object('end_user_id', id), now(), now() from people`,
      [fixture.projectId, MAILS],
    )
    await fixture.owner.query('analyze auth.outbox, auth.end_user')
    const waiting = async () =>
      (await fixture.owner.query<{ n: number }>(`select count(*)::int as n from auth.outbox where status <> 'sent'`))[0]!.n
    worker = await startApp('worker', {
      env: {
        DATABASE_URL: fixture.database.url,
        PORTICO_MASTER_KEY: inject('servers').masterKey,
        DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
        PORTICO_LOG_LEVEL: 'error',
        SMTP_HOST: '127.0.0.1',
        SMTP_PORT: String(server.port),
        SMTP_SECURE: 'none',
        SMTP_USER: server.user,
        SMTP_PASSWORD: server.password,
        SMTP_FROM: 'Portico <no-reply@example.com>',
      },
    })
    await vi.waitFor(() => expect(server.mails.length).toBeGreaterThan(0), { timeout: 30_000, interval: 1 })
    const [since, already] = [performance.now(), server.mails.length]
    await vi.waitFor(() => expect(server.mails.length).toBeGreaterThanOrEqual(MAILS), { timeout: 120_000, interval: 5 })
    const seconds = (performance.now() - since) / 1000
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 30_000, interval: 50 })
    const rate = Math.round((MAILS - already) / seconds)
    console.log(`${rate} mails/s through SMTP; ${server.mails.length} taken, ${server.connections} connections`)
    expect(server.mails).toHaveLength(MAILS)
    expect(rate).toBeGreaterThanOrEqual(GOAL_PER_SECOND)
  },
  300_000,
)
