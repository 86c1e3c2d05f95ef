import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { noteChange } from '../support/sql.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

let fixture: MailFixture
let provider: FakeResend
let stop: () => Promise<void>
beforeAll(async () => {
  fixture = await createMailFixture()
  provider = await startFakeResend()
  const env = { RESEND_API_KEY: provider.apiKey, RESEND_FROM_APP_AUTH: 'no-reply@example.com', RESEND_BASE_URL: provider.url }
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config: workerConfig(fixture.database, env),
    logger: recordingLogger().logger,
  })
  stop = async () => {
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
  }
})
afterAll(async () => {
  await stop()
  await provider.close()
  await fixture.close()
})

async function set(version: number, html: string, locale = 'en') {
  await fixture.owner.query(`update auth.mail_template set ended_at = now() where ended_at is null and locale = $1`, [locale])
  await fixture.owner.query(
    `insert into auth.mail_template (project_id, template, locale, version, subject, text_part, html_part, created_at)
      values ($1, 'password_reset', $2, $3, 'Own {{ app }}', 'T {{ link }}', $4, now())`,
    [fixture.projectId, locale, version, html],
  )
  await noteChange(fixture.owner, fixture.projectId)
  await new Promise((done) => setTimeout(done, 600))
}
async function reset(metadata = {}) {
  const user = await fixture.addUser()
  await fixture.owner.query('update auth.end_user set metadata = $2 where id = $1', [user.id, JSON.stringify(metadata)])
  const id = await fixture.enqueue('password_reset', { address: user.email })
  return provider.waitForMail((mail) => mail.idempotencyKey === id)
}

test('a mail goes out in the words of the project; each try has those of the first; one that fails falls back to ours and is told once', async () => {
  await set(1, 'one {{ link }}')
  expect(await reset()).toMatchObject({ subject: 'Own Project', html: expect.stringContaining('one http') })
  // In a language that has no template of its own: ours, of that language.
  expect((await reset({ locale: 'de-AT' })).subject).toBe('Setze dein Passwort für Project zurück')
  provider.next(1, { kind: 'status', status: 503 })
  const first = reset()
  await vi.waitFor(() => expect(provider.attempts.at(-1)?.fault).not.toBeNull(), { timeout: 5_000 })
  await set(2, 'two {{ link }}')
  expect((await first).html).toContain('one http')
  expect((await reset()).html).toContain('two http')
  await set(3, '{{ link | nonsense }}')
  for (let times = 0; times < 2; times += 1) expect((await reset()).subject).toBe('Reset your Project password')
  const told = () => fixture.owner.query(`select 1 from auth.audit_event where action = 'mail.template_failed'`)
  await vi.waitFor(async () => expect(await told()).toHaveLength(1), { timeout: 5_000 })
})

test('a test of a template goes out in its words with sample values, in its language, and proves nothing', async () => {
  await set(4, 'four {{ link }} {{ now | date: "%Y" }}')
  const send = async (template: string, locale: string) => {
    const id = await fixture.enqueue('template_test', { address: 'operator@example.com', template, locale })
    return provider.waitForMail((mail) => mail.idempotencyKey === id)
  }
  const tokens = () => fixture.owner.query('select digest from auth.one_time_token')
  const before = await tokens()
  expect(await send('password_reset', 'en')).toMatchObject({
    to: 'operator@example.com',
    subject: 'Own Project',
    html: expect.stringContaining('sample-token-of-a-link'),
  })
  expect((await send('password_reset', 'de')).subject).toBe('Setze dein Passwort für Project zurück')
  expect((await send('sign_in', 'ar')).html).toContain('dir="rtl"')
  const unknown = await fixture.enqueue('template_test', { address: 'operator@example.com', template: 'nonsense', locale: 'en' })
  const dead = { status: 'dead', last_error: 'unknown_event' }
  await vi.waitFor(async () => expect(await fixture.row(unknown)).toMatchObject(dead), { timeout: 5_000 })
  expect(await tokens()).toEqual(before)
})

test('mails have the look of the project, each try that of the first', async () => {
  const look = { colour: '#ffd400', radius: 2, logo: `${'a'.repeat(32)}-96x32.png`, support_url: 'https://bakery.example/help' }
  await fixture.owner.query('update auth.mail_template set ended_at = now() where ended_at is null')
  await fixture.setSettings({ branding: look })
  await new Promise((done) => setTimeout(done, 600))
  provider.next(1, { kind: 'status', status: 503 })
  const sent = reset()
  await vi.waitFor(() => expect(provider.attempts.at(-1)?.fault).not.toBeNull(), { timeout: 5_000 })
  await fixture.setSettings({ branding: { ...look, colour: '#123456', radius: 9, logo: undefined } })
  const { html, body, idempotencyKey } = await sent
  expect(html).toContain('border-radius:2px;background:#ffd400;color:#000000')
  expect(html).toContain(`src="http://127.0.0.1:4100/proj_${fixture.projectId}/branding/${look.logo}" alt="Project" width="96" height="32"`)
  expect(html).toContain('href="https://bakery.example/help"')
  const tries = provider.attempts.filter((attempt) => attempt.idempotencyKey === idempotencyKey).map((attempt) => attempt.body)
  expect(tries).toEqual([body, body])
  await fixture.setSettings({})
})

test('mails say what people know the app as', async () => {
  await fixture.setSettings({ branding: { name: 'Blue Bakery' } })
  await new Promise((done) => setTimeout(done, 600))
  expect((await reset({ locale: 'fr' })).subject).toContain('Blue Bakery')
  await fixture.setSettings({})
})
