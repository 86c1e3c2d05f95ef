import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestToken } from '@portico/crypto/token-digest'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startWorker } from '../../apps/worker/wiring.js'
import { linkIn, startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { startRedis } from '../support/redis-server.js'
import { testRedisUrl } from '../support/redis.js'
import { noteChange } from '../support/sql.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

const redisUrl = testRedisUrl()
let fixture: MailFixture
let provider: FakeResend
const stops: (() => Promise<void>)[] = []
beforeAll(async () => {
  fixture = await createMailFixture()
})
afterAll(() => fixture.close())
beforeEach(async () => {
  provider = await startFakeResend()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await provider.close()
  await fixture.setSettings({})
})

async function work(env: Record<string, string> = {}) {
  const log = recordingLogger()
  const printed: string[] = []
  const config = workerConfig(fixture.database, {
    RESEND_API_KEY: provider.apiKey,
    RESEND_FROM_APP_AUTH: 'Portico <no-reply@example.com>',
    RESEND_BASE_URL: provider.url,
    ...env,
  })
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config,
    logger: log.logger,
    printLine: (line) => void printed.push(line),
  })
  let stopped = false
  const stop = async () => {
    if (stopped) return
    stopped = true
    await worker.server.close()
    for (const step of worker.stopSteps) await step.run()
  }
  stops.push(stop)
  return { ...log, printed, server: worker.server, stop }
}

const until = (id: string, status: string, timeout = 15_000) =>
  vi.waitFor(async () => expect((await fixture.row(id)).status).toBe(status), { timeout, interval: 50 })

describe.each([
  { backend: 'postgres', env: {}, skip: false },
  { backend: 'redis', env: { REDIS_URL: redisUrl ?? '' }, skip: redisUrl === null },
])('on $backend', ({ env, skip }) => {
  test.skipIf(skip)('a reset request for a known address becomes one mail whose token works, and nothing secret is left behind', async () => {
    const user = await fixture.addUser({ typed: 'Ada@Example.com', email: `ada-${randomUUID()}@example.com` })
    const id = await fixture.enqueue('password_reset', { address: user.email })
    const worker = await work(env)
    const mail = await provider.waitForMail((each) => each.idempotencyKey === id)
    expect(mail).toMatchObject({ to: 'Ada@Example.com', from: 'Portico <no-reply@example.com>', subject: 'Reset your Project password' })
    await until(id, 'sent')
    expect(await fixture.row(id)).toMatchObject({ attempts: 1, provider_id: mail.id, last_error: null })

    const link = linkIn(mail)
    expect(link.href).toContain(`http://127.0.0.1:4100/proj_${fixture.projectId}/mail/password_reset?token=`)
    const token = link.searchParams.get('token') ?? ''
    expect(token).toMatch(/^[\w-]{43}$/)
    const [stored] = await fixture.owner.query<{ minutes: number }>(
      'select purpose, end_user_id, payload, round(extract(epoch from expires_at - created_at) / 60)::int as minutes from auth.one_time_token where digest = $1',
      [digestToken(token)],
    )
    expect(stored).toEqual({ purpose: 'password_reset', end_user_id: user.id, payload: { email: user.email }, minutes: 60 })
    expect(worker.text()).not.toContain(token)
    expect(worker.text()).not.toContain(user.email)
    expect(JSON.stringify(await fixture.row(id))).not.toContain(token)
  })

  test.skipIf(skip)('an unknown or a disabled address is skipped without a mail', async () => {
    const disabled = await fixture.addUser({ disabled: true })
    const ids = [
      await fixture.enqueue('password_reset', { address: 'nobody@example.com' }),
      await fixture.enqueue('password_reset', { address: disabled.email }),
    ]
    await work(env)
    for (const id of ids) await until(id, 'skipped')
    expect(provider.attempts).toHaveLength(0)
  })

  test.skipIf(skip)('a provider that refuses, hangs and breaks gets the same bytes under the same key until it takes the mail once', async () => {
    const user = await fixture.addUser()
    provider.next(1, { kind: 'status', status: 503 })
    provider.next(1, { kind: 'reset_after_accepting' })
    provider.next(1, { kind: 'status', status: 429, retryAfterSeconds: 1 })
    const id = await fixture.enqueue('password_reset', { address: user.email })
    await work(env)
    await until(id, 'sent', 20_000)
    expect(provider.attempts).toHaveLength(4)
    expect(new Set(provider.attempts.map((attempt) => `${attempt.idempotencyKey} ${attempt.body}`)).size).toBe(1)
    expect(provider.mails).toHaveLength(1)
    expect(await fixture.row(id)).toMatchObject({ attempts: 4 })
  })

  test.skipIf(skip)('a mail that the provider will never take ends visibly dead', async () => {
    const user = await fixture.addUser()
    provider.next(1, { kind: 'status', status: 422, name: 'validation_error' })
    const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
    const { lines } = await work(env)
    await until(id, 'dead')
    expect(await fixture.row(id)).toMatchObject({ attempts: 1, last_error: 'validation_error' })
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', outbox_id: id, code: 'validation_error' }))
  })

  test.skipIf(skip)('a hundred rows in one go each become one mail', async () => {
    const user = await fixture.addUser()
    const ids: string[] = []
    for (let count = 0; count < 100; count += 1) ids.push(await fixture.enqueue('password_changed', { end_user_id: user.id }))
    await work(env)
    await vi.waitFor(() => expect(provider.mails).toHaveLength(100), { timeout: 20_000 })
    expect(provider.mails.map((mail) => mail.idempotencyKey).toSorted()).toEqual(ids.toSorted())
  })
})

test('a row that is handed over again while it is being sent is not sent beside the first', async () => {
  const user = await fixture.addUser()
  provider.next(1, { kind: 'slow', ms: 1_500 })
  const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
  await work()
  await vi.waitFor(() => expect(provider.attempts).toHaveLength(1), { timeout: 10_000 })
  // What a queue that delivers twice does, or the rule for stuck rows.
  await fixture.owner.query(`update auth.outbox set status = 'pending', next_attempt_at = now() where id = $1`, [id])
  await vi.waitFor(async () => expect((await fixture.row(id)).status).toBe('enqueued'), { timeout: 10_000 })
  await until(id, 'sent')
  expect(provider.attempts).toHaveLength(1)
  expect(await fixture.row(id)).toMatchObject({ attempts: 1 })
})

test('a row that cannot be worked on holds up none of its round', async () => {
  const users: { id: string; email: string }[] = []
  for (let count = 0; count < 6; count += 1) users.push(await fixture.addUser())
  const before = new Date(Date.now() - 1_000)
  const good: string[] = []
  for (const user of users) good.push(await fixture.enqueue('password_reset', { address: user.email }, { createdAt: before }))
  const bad = await fixture.enqueue('password_reset', { address: users[0]?.email, frozen: { first_attempt_at: 'never', project_name: 'P', to: users[0]?.email, link_base: 'no URL' } }, { createdAt: new Date(Date.now() - 2_000) })
  const odd = await fixture.enqueue('password_changed', { end_user_id: 'no UUID' }, { createdAt: before })
  await work()
  for (const id of good) await until(id, 'sent')
  await until(odd, 'skipped')
  expect((await fixture.row(bad)).status).toBe('enqueued')
  await fixture.owner.query('delete from auth.outbox where id = $1', [bad])
})

test('a provider that wants fewer requests is left alone for the time it asks for', async () => {
  const user = await fixture.addUser()
  provider.next(1, { kind: 'status', status: 429, retryAfterSeconds: 2 })
  const ids: string[] = []
  for (let count = 0; count < 40; count += 1) ids.push(await fixture.enqueue('password_changed', { end_user_id: user.id }))
  await work()
  await vi.waitFor(() => expect(provider.mails).toHaveLength(40), { timeout: 20_000 })
  const [refused, ...others] = provider.attempts.map((attempt) => attempt.at)
  // Eight are in work at once; the seven beside the refused one may have been on their way.
  expect(others.filter((at) => at < (refused ?? 0) + 1_900).length).toBeLessThanOrEqual(15)
})

describe('what a row becomes', () => {
  test('each kind has its mail, to the right address, with the right purpose', async () => {
    await fixture.setSettings({ mail_links: 'app', site_url: 'https://app.example.com/auth', redirect_urls: ['https://app.example.com/welcome?a=1'] })
    const user = await fixture.addUser()
    const verified = await fixture.addUser({ verified: true })
    const owed = {
      confirm: await fixture.enqueue('email_confirm', { end_user_id: user.id, redirect_to: 'https://app.example.com/welcome?a=1' }),
      resend: await fixture.enqueue('email_confirm_resend', { address: user.email, redirect_to: 'https://evil.example/' }, { createdAt: new Date(Date.now() + 1) }),
      taken: await fixture.enqueue('sign_up_attempt', { address: verified.email }),
      change: await fixture.enqueue('email_change_confirm', { end_user_id: user.id, new_address: 'new@example.com' }),
      notice: await fixture.enqueue('email_change_notice', { end_user_id: user.id, old_address: user.email, new_address: 'new@example.com' }),
      security: await fixture.enqueue('security_notice', { end_user_id: user.id, event: 'passkey_added', address: 'then@example.com' }),
    }
    await work()
    const mailOf = (id: string) => provider.waitForMail((mail) => mail.idempotencyKey === id)
    const purposeOf = async (id: string) => {
      const digest = digestToken(linkIn(await mailOf(id)).searchParams.get('token') ?? '')
      const [row] = await fixture.owner.query<{ purpose: string; payload: unknown }>('select purpose, payload from auth.one_time_token where digest = $1', [digest])
      return row
    }
    expect(linkIn(await mailOf(owed.resend)).href).toMatch(/^https:\/\/app\.example\.com\/auth\?type=email_confirm&token=/)
    expect(await mailOf(owed.taken)).toMatchObject({ to: verified.email, subject: 'You already have a Project account' })
    expect(await purposeOf(owed.taken)).toMatchObject({ purpose: 'password_reset' })
    expect(await mailOf(owed.change)).toMatchObject({ to: 'new@example.com' })
    expect(await purposeOf(owed.change)).toEqual({ purpose: 'email_change', payload: { email: user.email, new_address: 'new@example.com' } })
    expect(await mailOf(owed.notice)).toMatchObject({ to: user.email })
    expect(await purposeOf(owed.notice)).toEqual({ purpose: 'email_change_undo', payload: { old_address: user.email, new_address: 'new@example.com' } })
    expect(await mailOf(owed.security)).toMatchObject({ to: 'then@example.com' })
    const confirm = provider.mails.find((mail) => mail.idempotencyKey === owed.confirm)
    if (confirm) expect(linkIn(confirm).href).toMatch(/^https:\/\/app\.example\.com\/welcome\?a=1&type=email_confirm&token=/)
    else expect(await fixture.row(owed.confirm)).toMatchObject({ status: 'skipped', last_error: 'superseded' })
  })

  test('a later request voids the earlier link, in whatever order the two are worked on', async () => {
    const user = await fixture.addUser()
    const early = await fixture.enqueue('password_reset', { address: user.email }, { createdAt: new Date(Date.now() - 60_000) })
    const late = await fixture.enqueue('password_reset', { address: user.email })
    await work()
    await until(late, 'sent')
    await vi.waitFor(async () => expect((await fixture.row(early)).status).toMatch(/sent|skipped/), { timeout: 10_000 })
    const live = await fixture.owner.query<{ digest: Buffer }>('select digest from auth.one_time_token where end_user_id = $1 and voided_at is null', [user.id])
    const lateMail = await provider.waitForMail((mail) => mail.idempotencyKey === late)
    expect(live.map((row) => row.digest.toString('hex'))).toEqual([digestToken(linkIn(lateMail).searchParams.get('token') ?? '').toString('hex')])
  })

  test('a confirmed address gets no confirmation, an unknown kind or event ends visibly', async () => {
    const user = await fixture.addUser({ verified: true })
    const confirmed = await fixture.enqueue('email_confirm', { end_user_id: user.id })
    const kind = await fixture.enqueue('no_such_kind', {})
    const event = await fixture.enqueue('security_notice', { end_user_id: user.id, event: 'no_such_event' })
    await work()
    await until(confirmed, 'skipped')
    await until(kind, 'skipped')
    await until(event, 'dead')
    expect(provider.attempts).toHaveLength(0)
  })

  test('a retry keeps the bytes of the first try although the settings have changed since', async () => {
    const user = await fixture.addUser()
    provider.next(2, { kind: 'status', status: 500 })
    const id = await fixture.enqueue('password_reset', { address: user.email })
    await work()
    await vi.waitFor(() => expect(provider.attempts.length).toBeGreaterThan(0), { timeout: 10_000 })
    await fixture.setSettings({ mail_links: 'app', site_url: 'https://other.example.com' })
    await until(id, 'sent', 20_000)
    expect(new Set(provider.attempts.map((attempt) => attempt.body)).size).toBe(1)
  })

  test('a link never reaches an address that has left the account between two tries', async () => {
    const user = await fixture.addUser()
    provider.always({ kind: 'status', status: 500 })
    const id = await fixture.enqueue('account_recovery', { end_user_id: user.id })
    await work()
    await vi.waitFor(() => expect(provider.attempts.length).toBeGreaterThan(0), { timeout: 10_000 })
    await fixture.owner.query('update auth.end_user set email = $2, email_typed = $2 where id = $1', [user.id, `moved-${randomUUID()}@example.com`])
    provider.heal()
    await until(id, 'skipped')
    expect(await fixture.row(id)).toMatchObject({ last_error: 'address_changed' })
    expect(provider.mails).toHaveLength(0)
  })

  test('tries stop before the provider forgets the key', async () => {
    const user = await fixture.addUser()
    const id = await fixture.enqueue('password_changed', { end_user_id: user.id, frozen: { first_attempt_at: new Date(Date.now() - 23 * 3_600_000).toISOString(), project_name: 'Project', to: user.email, link_base: null } })
    await work()
    await until(id, 'dead')
    expect(await fixture.row(id)).toMatchObject({ last_error: 'out_of_time' })
    expect(provider.attempts).toHaveLength(0)
  })

  test('a row that has waited for days without a try is still sent', async () => {
    const user = await fixture.addUser()
    const id = await fixture.enqueue('password_changed', { end_user_id: user.id }, { createdAt: new Date(Date.now() - 72 * 3_600_000) })
    await work()
    await until(id, 'sent')
  })

  test('a project that is turned off sends nothing', async () => {
    const user = await fixture.addUser()
    await fixture.owner.query('update auth.service set enabled = false where project_id = $1', [fixture.projectId])
    await noteChange(fixture.owner, fixture.projectId)
    try {
      const id = await fixture.enqueue('password_reset', { address: user.email })
      await work()
      await until(id, 'skipped')
      expect(await fixture.row(id)).toMatchObject({ last_error: 'auth_disabled' })
    } finally {
      await fixture.owner.query('update auth.service set enabled = true where project_id = $1', [fixture.projectId])
      await noteChange(fixture.owner, fixture.projectId)
    }
  })
})

describe('without a provider', () => {
  const noProvider = { RESEND_API_KEY: '', RESEND_FROM_APP_AUTH: '', RESEND_BASE_URL: '' }

  test('the token is stored, the log says so once, and in development inbox and terminal show the link', async () => {
    const user = await fixture.addUser()
    const id = await fixture.enqueue('password_reset', { address: user.email })
    const { lines, printed, text } = await work(noProvider)
    await until(id, 'not_sent')
    expect(lines.filter((line) => line.code === 'email_not_configured')).toHaveLength(1)
    const [inbox] = await fixture.owner.query<{ to_address: string; link: string; html: string }>('select to_address, link, html from auth.dev_mail where outbox_id = $1', [id])
    expect(inbox?.to_address).toBe(user.email)
    const token = new URL(inbox?.link ?? '').searchParams.get('token') ?? ''
    expect(await fixture.owner.query('select 1 from auth.one_time_token where digest = $1', [digestToken(token)])).toHaveLength(1)
    expect(printed.join('\n')).toContain(inbox?.link)
    expect(text()).not.toContain(token)
  })

  test('in production nothing is shown anywhere', async () => {
    const user = await fixture.addUser()
    const id = await fixture.enqueue('password_reset', { address: user.email })
    const { printed } = await work({ ...noProvider, PORTICO_ENV: 'production', DATA_PLANE_PUBLIC_URL: 'https://auth.example.com' })
    await until(id, 'not_sent')
    expect(printed).toEqual([])
    expect(await fixture.owner.query('select 1 from auth.dev_mail where outbox_id = $1', [id])).toHaveLength(0)
  })
})

describe.skipIf(redisUrl === null)('losing Redis', () => {
  test('loses no mail: rows whose jobs vanished with it are handed over again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portico-mail-'))
    const first = await startRedis({ dir })
    if (!first) throw new Error('no redis-server')
    const { stop } = await work({ REDIS_URL: first.url })
    const user = await fixture.addUser()
    const before = await fixture.enqueue('password_changed', { end_user_id: user.id })
    await until(before, 'sent')
    await first.stop()
    // As if their jobs had been in the memory that is gone.
    const lost = await fixture.enqueue('password_changed', { end_user_id: user.id })
    await fixture.owner.query(`update auth.outbox set status = 'enqueued', enqueued_at = now(), next_attempt_at = now() + interval '2 seconds' where id = $1`, [lost])
    const during = await fixture.enqueue('password_changed', { end_user_id: user.id })
    const second = await startRedis({ dir, port: first.port })
    await until(lost, 'sent', 15_000)
    await until(during, 'sent', 15_000)
    expect(provider.mails).toHaveLength(3)
    await stop()
    await second?.stop()
    await rm(dir, { recursive: true, force: true })
  })
})

test('stopping finishes the mail in work', async () => {
  const user = await fixture.addUser()
  provider.next(1, { kind: 'slow', ms: 800 })
  const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
  const { stop } = await work()
  await vi.waitFor(() => expect(provider.attempts).toHaveLength(1), { timeout: 10_000 })
  await stop()
  expect(await fixture.row(id)).toMatchObject({ status: 'sent' })
})

test('health and metrics tell what waits and what was sent', async () => {
  const user = await fixture.addUser()
  const id = await fixture.enqueue('password_changed', { end_user_id: user.id })
  const { server } = await work()
  await until(id, 'sent')
  const ready = await server.inject({ url: '/health/ready' })
  expect(ready.json()).toEqual({ status: 'ready', checks: { master_key: 'up', pooler: 'up', postgres: 'up', queue: 'up' } })
  const metrics = await server.inject({ url: '/metrics' })
  expect(metrics.body).toMatch(/portico_mails_total\{[^}]*result="sent"[^}]*\} 1/)
  expect(metrics.body).toMatch(/portico_outbox_waiting\{[^}]*\} 0/)
})

test('links lead to the project’s own domain once its DNS leads here, or an operator says so', async () => {
  const domain = randomUUID()
  const set = async (columns: string) => {
    await fixture.owner.query(`update auth.domain set ${columns} where id = $1`, [domain])
    await noteChange(fixture.owner, fixture.projectId)
  }
  await fixture.owner.query(
    `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, next_check_at, created_at)
      values ($1, $2, 'auth.brand.example', 'x', now(), 'infinity', now())`,
    [fixture.projectId, domain],
  )
  await work()
  const origin = async () => {
    const user = await fixture.addUser()
    const id = await fixture.enqueue('password_reset', { address: user.email })
    const link = linkIn(await provider.waitForMail((each) => each.idempotencyKey === id))
    return `${link.origin}${link.pathname}`
  }
  const ours = `http://127.0.0.1:4100/proj_${fixture.projectId}/mail/password_reset`
  const own = 'https://auth.brand.example/mail/password_reset'
  expect(await origin()).toBe(ours)
  await set('points_here_since = now()')
  await expect.poll(origin, { timeout: 5_000, interval: 300 }).toBe(own)
  await set('points_here_since = null')
  await expect.poll(origin, { timeout: 5_000, interval: 300 }).toBe(ours)
  await set('main_at = now()')
  await expect.poll(origin, { timeout: 5_000, interval: 300 }).toBe(own)
  await set('verified_at = null')
  await expect.poll(origin, { timeout: 5_000, interval: 300 }).toBe(ours)
})
