import { randomUUID } from 'node:crypto'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { startFakeResend, type FakeResend } from '../../support/fake-resend.js'
import { connect, type Connection } from '../../support/sql.js'

const SECRET = `whsec_${Buffer.from('a webhook secret of 32 bytes, ok').toString('base64')}`
let plane: TestControlPlane
let owner: Connection
let resend: FakeResend
let project: string
const uuid = () => project.slice('proj_'.length)
beforeAll(async () => {
  resend = await startFakeResend()
  plane = await startControlPlane({ config: { resendWebhookSecret: SECRET, resendBaseUrl: resend.url } })
  owner = await connect(plane.database.url)
  project = await makeProject(plane, { enable: true })
})
afterAll(async () => {
  await owner.close()
  await plane.stop()
  await resend.close()
})

async function mail(more: { status?: string; reason?: string; detail?: string; to?: string; provider?: string; projectId?: string } = {}) {
  const id = randomUUID()
  const provider = more.provider ?? randomUUID()
  const to = more.to ?? `${randomUUID()}@example.com`
  await owner.query(
    `insert into auth.outbox (project_id, id, kind, payload, status, provider_id, last_error, last_detail, attempts, created_at, next_attempt_at, done_at)
      values ($1, $2, 'password_reset', $3, $4, $5, $6, $7, 1, date_trunc('milliseconds', now()), now(), now())`,
    [
      more.projectId ?? uuid(),
      id,
      JSON.stringify({ address: to, frozen: { to } }),
      more.status ?? 'sent',
      provider,
      more.reason ?? null,
      more.detail ?? null,
    ],
  )
  return { id, provider, to }
}

type Event = { type: string; data?: Record<string, unknown> }
const eventOf = (type: string, sent: { id: string; provider: string; to: string }, data: Record<string, unknown> = {}): Event => ({
  type,
  data: { email_id: sent.provider, to: [sent.to], tags: { portico_project: uuid(), portico_mail: sent.id }, ...data },
})

async function deliver(event: Event, how: { at?: Date; secret?: string; body?: string; to?: string } = {}) {
  const body = JSON.stringify(event)
  const id = `msg_${randomUUID()}`
  const at = how.at ?? new Date()
  const headers = {
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
    'svix-signature': new SvixWebhook(how.secret ?? SECRET).sign(id, at, body),
    'content-type': 'application/json',
  }
  return fetch(`${plane.url}${how.to ?? '/api/v1/mail/events/resend'}`, { method: 'POST', headers, body: how.body ?? body })
}
const stateOf = async (id: string) =>
  ((await plane.call('GET', `projects/${project}/mails?limit=100`)).body.data as { id: string; state: string }[]).find(
    (each) => each.id === id,
  )

describe('what Resend reports', () => {
  test('is taken with the signature of its own library, and of Standard Webhooks', async () => {
    const sent = await mail()
    expect((await deliver(eventOf('email.delivered', sent))).status).toBe(200)
    expect(await stateOf(sent.id)).toMatchObject({ state: 'delivered', to: sent.to, kind: 'password_reset' })
    const [id, at, body] = ['msg_1', new Date(), JSON.stringify(eventOf('email.complained', sent))]
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new StandardWebhook(SECRET).sign(id, at, body),
      'content-type': 'application/json',
    }
    expect((await fetch(`${plane.url}/api/v1/mail/events/resend`, { method: 'POST', headers, body })).status).toBe(200)
    expect(await stateOf(sent.id)).toMatchObject({ state: 'complained' })
  })

  test('forged, altered, old, from the future or unsigned is refused and changes nothing', async () => {
    const sent = await mail()
    const event = eventOf('email.bounced', sent, { bounce: { type: 'Permanent' } })
    const other = `whsec_${Buffer.from('some other secret of 32 bytes ok').toString('base64')}`
    const answers = await Promise.all([
      deliver(event, { secret: other }),
      deliver(event, { body: JSON.stringify({ ...event, type: 'email.complained' }) }),
      deliver(event, { at: new Date(Date.now() - 600_000) }),
      deliver(event, { at: new Date(Date.now() + 600_000) }),
      fetch(`${plane.url}/api/v1/mail/events/resend`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
      }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect(await stateOf(sent.id)).toMatchObject({ state: 'sent' })
  })

  test('a mail that came back for good: why, once in the audit log, and its address gets no more', async () => {
    const sent = await mail()
    const event = eventOf('email.bounced', sent, {
      bounce: { type: 'Permanent', subType: 'NoEmail', message: 'The mailbox\r\ndoes not exist' },
    })
    for (let times = 0; times < 3; times += 1) expect((await deliver(event)).status).toBe(200)
    // A report that comes late does not take the worse one back.
    await deliver(eventOf('email.delivered', sent))
    expect(await stateOf(sent.id)).toMatchObject({ state: 'bounced', reason: 'permanent_no_email', detail: 'The mailbox does not exist' })
    const audit = await plane.call('GET', `projects/${project}/audit-log?action=mail.bounced`)
    expect(audit.body.data.filter((row: { resource_id: string }) => row.resource_id === sent.id)).toHaveLength(1)
    const list = await plane.call('GET', `projects/${project}/mail/suppressions`)
    expect(list.body.data).toContainEqual(expect.objectContaining({ address: sent.to, reason: 'bounced' }))
    expect((await plane.call('DELETE', `projects/${project}/mail/suppressions/${encodeURIComponent(sent.to)}`)).status).toBe(200)
    expect((await plane.call('DELETE', `projects/${project}/mail/suppressions/${encodeURIComponent(sent.to)}`)).status).toBe(404)
  })

  test('a mailbox that is full for now is no reason to write no more', async () => {
    const sent = await mail()
    await deliver(eventOf('email.bounced', sent, { bounce: { type: 'Transient', subType: 'MailboxFull' } }))
    expect(await stateOf(sent.id)).toMatchObject({ state: 'bounced' })
    expect((await plane.call('GET', `projects/${project}/mail/suppressions`)).text).not.toContain(sent.to)
  })

  test('of an account of the project’s own is taken with the secret of its sender, and only about its own mails', async () => {
    const secret = `whsec_${Buffer.from('the secret of one sender, 32 b..').toString('base64')}`
    const own = await makeProject(plane, { enable: true })
    const sender = { kind: 'resend', from: 'hi@bakery.example', api_key: resend.apiKey }
    const made = await plane.call('PUT', `projects/${own}/mail/sender`, { ...sender, webhook_secret: secret })
    expect(made.body.data).toMatchObject({ webhook_path: `/api/v1/mail/events/resend/${own}`, webhook_secret_set: true })
    expect(made.text).not.toContain(secret)
    const to = made.body.data.webhook_path
    const mine = await mail({ projectId: own.slice(5) })
    const about = (projectId: string, sent: typeof mine) => ({
      type: 'email.bounced',
      data: {
        email_id: sent.provider,
        to: [sent.to],
        tags: { portico_project: projectId.slice(5), portico_mail: sent.id },
        bounce: { type: 'Permanent' },
      },
    })
    const stateIn = async (projectId: string, id: string) =>
      (await plane.call('GET', `projects/${projectId}/mails?limit=100`)).body.data.find((each: { id: string }) => each.id === id).state
    // The installation's secret, another one, none, another project's address.
    expect((await deliver(about(own, mine), { to })).status).toBe(401)
    expect((await deliver(about(own, mine), { to, secret: `whsec_${Buffer.from('x'.repeat(32)).toString('base64')}` })).status).toBe(401)
    for (const address of [`/api/v1/mail/events/resend/${project}`, '/api/v1/mail/events/resend/tnt_00000000-0000-4000-8000-000000000000', '/api/v1/mail/events/resend/x'])
      expect([address, (await deliver(about(own, mine), { to: address, secret })).status]).toEqual([address, 401])
    expect(await stateIn(own, mine.id)).toBe('sent')
    // A good signature about somebody else's mail.
    const theirs = await mail()
    expect((await deliver(about(project, theirs), { to, secret })).status).toBe(200)
    expect(await stateIn(project, theirs.id)).toBe('sent')
    expect((await deliver(about(own, mine), { to, secret })).status).toBe(200)
    expect(await stateIn(own, mine.id)).toBe('bounced')
    // Kept when the rest is set again, and taken away by null.
    const { api_key: _, ...rest } = sender
    expect((await plane.call('PUT', `projects/${own}/mail/sender`, { ...rest, from: 'other@bakery.example' })).body.data.webhook_secret_set).toBe(true)
    expect((await deliver(about(own, mine), { to, secret })).status).toBe(200)
    expect((await plane.call('PUT', `projects/${own}/mail/sender`, { ...rest, webhook_secret: null })).body.data.webhook_secret_set).toBe(false)
    expect((await deliver(about(own, mine), { to, secret })).status).toBe(401)
    for (const bad of ['whsec_short', 'nonsense', '']) {
      const answer = await plane.call('PUT', `projects/${own}/mail/sender`, { ...sender, webhook_secret: bad })
      expect([bad, answer.status, answer.body.error.details[0].field]).toEqual([bad, 422, 'webhook_secret'])
    }
  })

  test('of a mail that another provider took, or of another project, changes nothing', async () => {
    const sent = await mail()
    const other = await makeProject(plane, { enable: true })
    const foreign = eventOf('email.bounced', sent, { bounce: { type: 'Permanent' } })
    await deliver({ ...foreign, data: { ...foreign.data, email_id: randomUUID() } })
    await deliver({ ...foreign, data: { ...foreign.data, tags: { portico_project: other.slice(5), portico_mail: sent.id } } })
    for (const odd of [
      { type: 'email.opened' },
      { type: 'email.bounced', data: {} },
      { type: 'email.bounced', data: { tags: [{ name: 'a' }] } },
    ])
      expect((await deliver(odd)).status).toBe(200)
    expect(await stateOf(sent.id)).toMatchObject({ state: 'sent' })
  })
})

test('the list says why a mail did not arrive, by state and by address, in pages', async () => {
  const lost = await makeProject(plane, { enable: true })
  const [before, to] = [project, 'ada@example.com']
  project = lost
  const failed = await mail({ status: 'dead', reason: 'smtp_550_5.7.1', detail: '550 5.7.1 SPF fail', to })
  const skipped = await mail({ status: 'skipped', reason: 'no_account' })
  await mail({ status: 'skipped', reason: 'suppressed', to })
  const list = (query: string) => plane.call('GET', `projects/${lost}/mails${query}`)
  expect((await list('?state=failed')).body.data).toEqual([
    expect.objectContaining({ id: failed.id, reason: 'smtp_550_5.7.1', detail: '550 5.7.1 SPF fail' }),
  ])
  expect((await list(`?address=${to.toUpperCase()}`)).body.data.map(({ state }: { state: string }) => state).toSorted()).toEqual([
    'failed',
    'suppressed',
  ])
  expect((await list('?state=skipped')).body.data).toEqual([expect.objectContaining({ id: skipped.id, reason: 'no_account' })])
  const first = await list('?limit=2')
  const second = await list(`?limit=2&cursor=${first.body.page.next_cursor}`)
  expect([first.body.data.length, second.body.data.length]).toEqual([2, 1])
  expect((await list('?state=nonsense')).status).toBe(422)
  project = before
})
