import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { MovableClock } from '@portico/kernel/clock'
import { startWorker, type Worker } from '../../apps/worker/wiring.js'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { createMailFixture, recordingLogger, workerConfig, type MailFixture } from '../support/mail-fixture.js'
import { seedProjects } from '../support/sql.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

const PER_DAY = 10
const ASKED_FOR = 8
const clock = new MovableClock()
let fixture: MailFixture
let provider: FakeResend
let worker: Worker
let second: string

beforeAll(async () => {
  fixture = await createMailFixture()
  provider = await startFakeResend()
  second = (await seedProjects(fixture.owner, 1)).projectIds[0]!
  await fixture.owner.query('update auth.service set enabled = true, first_enabled_at = now() where project_id = $1', [second])
  const resend = { RESEND_API_KEY: provider.apiKey, RESEND_FROM_APP_AUTH: 'no-reply@example.com', RESEND_BASE_URL: provider.url }
  const config = workerConfig(fixture.database, {
    ...resend,
    DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
    MAIL_RECIPIENT_DAILY_LIMIT: String(PER_DAY),
  })
  worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config,
    logger: recordingLogger().logger,
    printLine: () => undefined,
    clock,
    pollMs: 5,
    sharesMs: 0,
  })
})
afterAll(async () => {
  await worker?.server.close()
  for (const step of worker?.stopSteps ?? []) await step.run()
  await provider?.close()
  await fixture?.close()
})

/** Rows that the worker has finished, one at a time so that the order is ours. */
async function send(
  kind: string,
  payload: Record<string, unknown>,
  projectId = fixture.projectId,
): Promise<{ status: string; reason: string | null }> {
  const id = await fixture.enqueue(kind, payload, { projectId, createdAt: clock.now() })
  await vi.waitFor(async () => expect(['sent', 'dead', 'skipped']).toContain((await fixture.row(id)).status), {
    timeout: 10_000,
    interval: 20,
  })
  const { status, last_error: reason } = await fixture.row(id)
  return { status, reason }
}
const signIn = (address: string, projectId?: string) =>
  send('sign_in', { address, address_typed: address, link: false, code: true, create_user: true }, projectId)
const times = async (count: number, work: () => Promise<{ status: string }>) => {
  const statuses = []
  for (let index = 0; index < count; index += 1) statuses.push((await work()).status)
  return statuses
}
const userIn = async (projectId: string, email: string, verified: boolean) => {
  const [row] = await fixture.owner.query<{ id: string }>(
    `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, created_at, updated_at)
     values ($1, gen_random_uuid(), $2, $2, case when $3 then now() end, now(), now()) returning id`,
    [projectId, email, verified],
  )
  return row!.id
}
let nth = 0
const address = () => `recipient${(nth += 1)}@example.com`
const sentTo = (to: string) => provider.mails.filter((mail) => mail.to.includes(to)).length

describe('one recipient gets a bounded number of mails a day', () => {
  test('over all projects, however the address is written; the next day it begins anew', async () => {
    const to = address()
    const spellings = [to, to.toUpperCase(), to.replace('example', 'Example')]
    const statuses: string[] = []
    for (let index = 0; index < ASKED_FOR + 4; index += 1) {
      const projectId = index % 2 === 0 ? fixture.projectId : second
      const typed = spellings[index % spellings.length]!
      statuses.push(
        (await send('sign_in', { address: to, address_typed: typed, link: false, code: true, create_user: true }, projectId)).status,
      )
    }
    expect(statuses).toEqual([...Array<string>(ASKED_FOR).fill('sent'), ...Array<string>(4).fill('dead')])
    clock.advanceSeconds(86_400)
    expect(await signIn(to)).toEqual({ status: 'sent', reason: null })
  })

  const ESSENTIAL = ['password_reset', 'account_recovery', 'password_changed', 'security_notice', 'email_change_notice']
  const enqueued = (kind: string, id: string, to: string) => ({
    end_user_id: id,
    address: kind === 'password_reset' ? to : undefined,
    event: 'factor_added',
    old_address: to,
    new_address: 'other@example.com',
  })

  test.each(ESSENTIAL)('a flood does not keep %s from the owner of a proven account: once an hour it goes out', async (kind) => {
    const to = address()
    const id = await userIn(second, to, true)
    // Asked for by a stranger in one project; the owner needs the mail of another.
    await times(PER_DAY + 2, () => signIn(to))
    const mine = () =>
      send(kind, Object.fromEntries(Object.entries(enqueued(kind, id, to)).filter(([, value]) => value !== undefined)), second)
    const flooded = await times(4, mine)
    expect(flooded[0]).toBe('sent')
    expect(flooded.at(-1)).toBe('dead')
    clock.advanceSeconds(3_600)
    expect((await mine()).status).toBe('sent')
    clock.advanceSeconds(86_400)
  })

  test.each(ESSENTIAL)('an account that never proved the address gets no %s beyond the number', async (kind) => {
    const to = address()
    const id = await userIn(second, to, false)
    const mine = () =>
      send(kind, Object.fromEntries(Object.entries(enqueued(kind, id, to)).filter(([, value]) => value !== undefined)), second)
    await times(PER_DAY + 3, mine)
    expect(sentTo(to)).toBe(PER_DAY)
    clock.advanceSeconds(86_400)
  })

  test('what is refused voids nothing that was mailed before', async () => {
    const to = address()
    const id = await userIn(fixture.projectId, to, false)
    await times(PER_DAY, () => send('email_confirm', { end_user_id: id }))
    const live = () =>
      fixture.owner.query('select digest from auth.one_time_token where end_user_id = $1 and voided_at is null and consumed_at is null', [
        id,
      ])
    const before = await live()
    expect(before).toHaveLength(1)
    expect(await send('email_confirm', { end_user_id: id })).toEqual({ status: 'dead', reason: 'recipient_mail_limit' })
    expect(await live()).toEqual(before)
  })

  test('the store of counters holds no address', async () => {
    const to = address()
    await signIn(to)
    const rows = await fixture.owner.query<{ key: string }>('select key from limits.rate_limit')
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.some(({ key }) => key.includes(to) || key.includes('example.com'))).toBe(false)
  })
})

describe('every mail counts for the project', () => {
  const KINDS: Record<string, (id: string, to: string) => Record<string, unknown>> = {
    email_confirm: (id) => ({ end_user_id: id }),
    email_confirm_resend: (_id, to) => ({ address: to }),
    sign_up_attempt: (_id, to) => ({ address: to }),
    email_change_confirm: (id, to) => ({ end_user_id: id, new_address: `new.${to}` }),
    invitation: (id) => ({ end_user_id: id }),
    password_reset: (_id, to) => ({ address: to }),
    account_recovery: (id) => ({ end_user_id: id }),
    password_changed: (id) => ({ end_user_id: id }),
    security_notice: (id) => ({ end_user_id: id, event: 'factor_added' }),
    email_change_notice: (id, to) => ({ end_user_id: id, old_address: to, new_address: `new.${to}` }),
  }
  test.each(Object.entries(KINDS))('%s', async (kind, payload) => {
    const { projectIds } = await seedProjects(fixture.owner, 1)
    const projectId = projectIds[0]!
    const settings = JSON.stringify({ limits: { mail_project: { points: 2, window_seconds: 86_400 } } })
    await fixture.owner.query('update auth.service set enabled = true, first_enabled_at = now(), settings = $2 where project_id = $1', [
      projectId,
      settings,
    ])
    const results = []
    for (let index = 0; index < 3; index += 1) {
      const to = address()
      results.push(await send(kind, payload(await userIn(projectId, to, false), to), projectId))
    }
    expect(results).toEqual([
      { status: 'sent', reason: null },
      { status: 'sent', reason: null },
      { status: 'dead', reason: 'project_mail_limit' },
    ])
  })
})

describe('a project whose mails come back cannot spoil the sender that all share', () => {
  const own = async () => {
    const { projectIds } = await seedProjects(fixture.owner, 1)
    const settings = JSON.stringify({ limits: { mail_project: { points: 100, window_seconds: 86_400 } } })
    await fixture.owner.query('update auth.service set enabled = true, first_enabled_at = now(), settings = $2 where project_id = $1', [
      projectIds[0],
      settings,
    ])
    return projectIds[0]!
  }
  const past = (projectId: string, count: number, delivery: string, reason: string | null = null) =>
    fixture.owner.query(
      `insert into auth.outbox (project_id, id, kind, payload, status, delivery, last_error, attempts, created_at, next_attempt_at, done_at)
        select $1, gen_random_uuid(), 'sign_in', '{}', 'sent', $3, $4, 1, $5, $5, $5 from generate_series(1, $2)`,
      [projectId, count, delivery, reason, clock.now()],
    )
  const mails = async (projectId: string, count: number) => {
    const ends = []
    for (let index = 0; index < count; index += 1) ends.push(await signIn(address(), projectId))
    return ends.map(({ status, reason }) => reason ?? status)
  }
  const told = (projectId: string) =>
    fixture.owner.query<{ metadata: unknown }>(
      `select metadata from auth.audit_event where project_id = $1 and action = 'mail.project_limited'`,
      [projectId],
    )

  test('it gets a share of its budget, is told once, and others have theirs', async () => {
    const [bad, good] = [await own(), await own()]
    await past(bad, 80, 'delivered')
    await past(bad, 20, 'bounced')
    expect(await mails(bad, 12)).toEqual([...Array<string>(10).fill('sent'), 'bounce_rate_limit', 'bounce_rate_limit'])
    expect(await told(bad)).toEqual([{ metadata: { sent: 100, bounced: 20, complained: 0 } }])
    expect(await mails(good, 12)).toEqual(Array<string>(12).fill('sent'))
    expect(await told(good)).toEqual([])
    // What its owners must hear goes out all the same, and good mails bring the budget back.
    const to = address()
    const id = await userIn(bad, to, true)
    expect((await send('password_changed', { end_user_id: id }, bad)).status).toBe('sent')
    await past(bad, 300, 'delivered')
    expect(await mails(bad, 2)).toEqual(['sent', 'sent'])
  })

  test('mailboxes that are full for now are no dead addresses', async () => {
    const full = await own()
    await past(full, 50, 'bounced', 'transient_mailbox_full')
    expect(await mails(full, 12)).toEqual(Array<string>(12).fill('sent'))
  })
})
