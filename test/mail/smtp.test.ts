import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { startFakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { startSmtpServer, type FakeSmtp } from '../support/smtp-server.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

let fixture: MailFixture
let server: FakeSmtp
const stops: (() => Promise<void>)[] = []
beforeAll(async () => {
  fixture = await createMailFixture()
})
afterAll(() => fixture.close())
beforeEach(async () => {
  server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true })
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await server.close()
})

async function work(env: Record<string, string> = {}) {
  const log = recordingLogger()
  const smtp = {
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(server.port),
    SMTP_SECURE: 'none',
    SMTP_USER: server.user,
    SMTP_PASSWORD: server.password,
    SMTP_FROM: 'Portico <no-reply@example.com>',
  }
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config: workerConfig(fixture.database, { ...smtp, ...env }),
    logger: log.logger,
    probeMs: 1_500,
  })
  stops.push(async () => {
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
  })
  return log
}

async function owe(count: number): Promise<string[]> {
  const user = await fixture.addUser()
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) ids.push(await fixture.enqueue('password_changed', { end_user_id: user.id }))
  return ids
}

const allSent = (ids: string[], timeout = 15_000) =>
  vi.waitFor(
    async () =>
      expect((await fixture.owner.query(`select 1 from auth.outbox where id = any ($1) and status <> 'sent'`, [ids])).length).toBe(0),
    { timeout, interval: 50 },
  )

test('a reset mail goes through the mail server of the installation, and nothing of it is logged', async () => {
  const user = await fixture.addUser({ typed: 'Ada@Example.com', email: 'ada@example.com' })
  const id = await fixture.enqueue('password_reset', { address: user.email })
  const log = await work()
  await allSent([id])
  expect(server.mails[0]).toMatchObject({ from: 'no-reply@example.com', to: ['Ada@example.com'], user: 'portico' })
  expect(await fixture.row(id)).toMatchObject({ attempts: 1, provider_id: `<${id}@example.com>` })
  expect(log.text()).not.toMatch(/ada@|correct horse/i)
})

test('greylisting is waited out with the same bytes; a recipient that is refused ends visibly', async () => {
  server.next(1, { kind: 'recipient', code: 451, text: '4.7.1 Greylisted' })
  const [id = ''] = await owe(1)
  await work()
  await allSent([id])
  expect(await fixture.row(id)).toMatchObject({ attempts: 2 })
  server.next(1, { kind: 'recipient', code: 550, text: '5.1.1 No such user' })
  const [gone = ''] = await owe(1)
  await vi.waitFor(
    async () => expect(await fixture.row(gone)).toMatchObject({ status: 'dead', last_error: 'smtp_550_5.1.1', attempts: 1 }),
    { timeout: 10_000 },
  )
})

test('an address without a mailbox gets no second mail until its owner proves it; a refusal for policy says nothing of the address', async () => {
  const user = await fixture.addUser()
  const owed = () => fixture.enqueue('password_changed', { end_user_id: user.id })
  await work()
  server.next(1, { kind: 'recipient', code: 550, text: '5.7.1 Blocked for policy' })
  const blocked = await owed()
  await vi.waitFor(async () => expect((await fixture.row(blocked)).status).toBe('dead'), { timeout: 10_000 })
  await allSent([await owed()])
  server.next(1, { kind: 'recipient', code: 550, text: '5.1.1 No such user' })
  const bounced = await owed()
  await vi.waitFor(async () => expect((await fixture.row(bounced)).status).toBe('dead'), { timeout: 10_000 })
  const logins = server.mails.length
  const next = await owed()
  await vi.waitFor(async () => expect(await fixture.row(next)).toMatchObject({ status: 'skipped', last_error: 'suppressed' }), {
    timeout: 10_000,
  })
  expect(server.mails).toHaveLength(logins)
  await fixture.owner.query('delete from auth.suppressed_address')
  await allSent([await owed()])
})

test('a wrong password is told once and tried by one mail at a time; all are sent when it is right again', async () => {
  server.setPassword('changed by somebody')
  const ids = await owe(60)
  const log = await work()
  await vi.waitFor(() => expect(server.logins).toBeGreaterThanOrEqual(1), { timeout: 10_000 })
  await new Promise((done) => setTimeout(done, 5_500))
  // Eight are in work at once when the first is refused; after that one in 1.5 s.
  expect(server.logins).toBeLessThanOrEqual(8 + 4)
  const told = () => log.lines.filter(({ msg }) => String(msg).startsWith('the mail sender of the installation is refused'))
  expect(told()).toHaveLength(1)
  expect(server.mails).toHaveLength(0)
  server.setPassword(server.password)
  await allSent(ids)
  expect(server.mails).toHaveLength(60)
  expect(told()).toHaveLength(1)
  expect(log.lines.filter(({ msg }) => msg === 'the mail sender of the installation works again')).toHaveLength(1)
})

test('a refused key of Resend is the same', async () => {
  const provider = await startFakeResend()
  provider.always({ kind: 'status', status: 403, name: 'invalid_api_key' })
  const ids = await owe(40)
  await work({
    SMTP_HOST: '',
    SMTP_PORT: '',
    SMTP_SECURE: '',
    SMTP_USER: '',
    SMTP_PASSWORD: '',
    SMTP_FROM: '',
    RESEND_API_KEY: provider.apiKey,
    RESEND_FROM_APP_AUTH: 'no-reply@example.com',
    RESEND_BASE_URL: provider.url,
  })
  await vi.waitFor(() => expect(provider.attempts.length).toBeGreaterThanOrEqual(1), { timeout: 10_000 })
  await new Promise((done) => setTimeout(done, 4_000))
  expect(provider.attempts.length).toBeLessThanOrEqual(8 + 3)
  provider.heal()
  await allSent(ids)
  await provider.close()
})
