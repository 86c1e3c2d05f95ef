import { mailSenderContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { testMasterKey } from '../support/postgres.js'
import { startSmtpServer, type FakeSmtp } from '../support/smtp-server.js'
import { noteChange } from '../support/sql.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

let fixture: MailFixture
let server: FakeSmtp
let platform: FakeResend
const stops: (() => Promise<void>)[] = []
beforeAll(async () => {
  fixture = await createMailFixture()
})
afterAll(() => fixture.close())
beforeEach(async () => {
  server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true })
  platform = await startFakeResend()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await Promise.all([server.close(), platform.close()])
  await fixture.owner.query('delete from auth.mail_sender')
  await fixture.owner.query('delete from platform.mail_sender')
  await noteChange(fixture.owner, fixture.projectId)
})

async function work() {
  const log = recordingLogger()
  const env = {
    RESEND_API_KEY: platform.apiKey,
    RESEND_FROM_APP_AUTH: 'Portico <no-reply@portico.example>',
    RESEND_BASE_URL: platform.url,
    PORTICO_ALLOW_LOOPBACK_PROVIDERS: '1',
  }
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config: workerConfig(fixture.database, env),
    logger: log.logger,
    probeMs: 1_500,
    domainsMs: 300,
  })
  stops.push(async () => {
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
  })
  return log
}

async function configure(of: 'project' | 'tenant', kind = 'smtp', config: Record<string, unknown> = {}, state = 'ready') {
  const id = randomUUID()
  const [project] = await fixture.owner.query<{ tenant_id: string }>('select tenant_id from platform.project where id = $1', [
    fixture.projectId,
  ])
  const owner = of === 'project' ? fixture.projectId : (project?.tenant_id ?? '')
  const sealed = kind === 'smtp' ? new SealedBox({ current: testMasterKey() }).seal(server.password, mailSenderContext(owner, id)) : null
  const smtp = { host: 'localhost', port: server.port, security: 'none', user: server.user, retries: null }
  const [table, column] = of === 'project' ? ['auth.mail_sender', 'project_id'] : ['platform.mail_sender', 'tenant_id']
  await fixture.owner.query(
    `insert into ${table} (${column}, id, kind, from_address, config, secret_sealed, state, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, now(), now())`,
    [owner, id, kind, `${of}@bakery.example`, JSON.stringify(kind === 'smtp' ? smtp : config), sealed, state],
  )
  await noteChange(fixture.owner, fixture.projectId)
}

async function owe(count = 1): Promise<string[]> {
  const user = await fixture.addUser()
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) ids.push(await fixture.enqueue('password_changed', { end_user_id: user.id }))
  return ids
}

const allSent = (ids: string[]) =>
  vi.waitFor(
    async () => expect(await fixture.owner.query(`select 1 from auth.outbox where id = any ($1) and status <> 'sent'`, [ids])).toEqual([]),
    { timeout: 15_000, interval: 50 },
  )
const senderState = async () =>
  (await fixture.owner.query<{ state: string; failing_code: string | null }>('select state, failing_code from auth.mail_sender'))[0]

test('the first that is ready wins: the project, its tenant, the installation', async () => {
  await work()
  await allSent(await owe())
  expect(platform.mails).toHaveLength(1)
  await configure('tenant')
  await vi.waitFor(
    async () => {
      await allSent(await owe())
      expect(server.mails.at(-1)?.from).toBe('tenant@bakery.example')
    },
    { timeout: 10_000 },
  )
  await configure('project')
  await vi.waitFor(
    async () => {
      await allSent(await owe())
      expect(server.mails.at(-1)?.from).toBe('project@bakery.example')
    },
    { timeout: 10_000 },
  )
})

test('a sender that breaks hands over to the platform at once, is told once, and takes over again when it is mended', async () => {
  await configure('project')
  server.setPassword('changed by somebody')
  const log = await work()
  const ids = await owe(30)
  await allSent(ids)
  expect(platform.mails).toHaveLength(30)
  expect(server.logins).toBeLessThanOrEqual(8 + 3)
  await vi.waitFor(async () => expect(await senderState()).toEqual({ state: 'failing', failing_code: 'smtp_535_5.7.8' }), {
    timeout: 5_000,
  })
  const told = await fixture.owner.query(`select 1 from auth.audit_event where action = 'mail.sender_failing'`)
  expect(told).toHaveLength(1)
  expect(log.text()).not.toContain(server.password)
  server.setPassword(server.password)
  await vi.waitFor(
    async () => {
      await allSent(await owe())
      expect(server.mails.length).toBeGreaterThan(0)
    },
    { timeout: 10_000 },
  )
  await vi.waitFor(async () => expect((await senderState())?.state).toBe('ready'), { timeout: 5_000 })
})

test('a server that is gone hands over after some tries, and no mail is lost', async () => {
  await configure('project')
  await server.close()
  await work()
  await allSent(await owe(20))
  expect(platform.mails).toHaveLength(20)
  expect((await senderState())?.state).toBe('failing')
})

test('a domain that gets verified sends from then on, under the key of the installation', async () => {
  const made = platform.domains.answer('POST', '/domains', '{"name":"bakery.example"}')?.body as { id: string }
  await configure('project', 'resend_domain', { domain: 'bakery.example', domainId: made.id }, 'pending')
  await work()
  await allSent(await owe())
  expect(platform.mails.at(-1)?.from).toContain('portico.example')
  platform.domains.published.add('bakery.example')
  await vi.waitFor(
    async () => {
      await allSent(await owe())
      expect(platform.mails.at(-1)?.from).toBe('project@bakery.example')
    },
    { timeout: 10_000 },
  )
})
