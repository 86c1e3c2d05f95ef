import { randomUUID } from 'node:crypto'
import { Webhook } from 'svix'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, signUp } from '../../support/data-plane.js'
import { APP_CALLBACK, PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const SECRET = `whsec_${Buffer.from('a webhook secret of 32 bytes, ok').toString('base64')}`
let fixture: SignInFixture
let base: string
let uuid: string
beforeAll(async () => {
  fixture = await startSignInFixture({ resendWebhookSecret: SECRET })
  ;({ base, uuid } = await fixture.project(['email', 'magic_link', 'email_otp']))
})
afterAll(() => fixture?.close())

const idOf = ({ headers }: { headers: Headers }) => headers.get('mail-request-id')!
const statusOf = async (id: string, at = base) => (await call(`${at}/email/status/${id}`)).body as unknown
const until = (id: string, status: string) => expect.poll(() => statusOf(id), { timeout: 10_000 }).toEqual({ status })
const askForLink = (email: string) => call(`${base}/magic-link`, { body: { email, redirect_to: APP_CALLBACK } })

/** As Resend would, of a mail that it took. */
async function report(id: string, type: string, more: Record<string, unknown> = {}): Promise<void> {
  const [row] = await fixture.owner.query<{ provider_id: string; to: string }>(
    `select provider_id, payload->'frozen'->>'to' as to from auth.outbox where id = $1`,
    [id],
  )
  const data = { email_id: row!.provider_id, to: [row!.to], tags: { portico_project: uuid, portico_mail: id }, ...more }
  const [body, at, message] = [JSON.stringify({ type, data }), new Date(), `msg_${randomUUID()}`]
  const signed = {
    'svix-id': message,
    'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
    'svix-signature': new Webhook(SECRET).sign(message, at, body),
  }
  const answer = await fetch(`${fixture.controlUrl}/api/v1/mail/events/resend`, {
    method: 'POST', headers: { ...signed, 'content-type': 'application/json' }, body,
  })
  expect(answer.status).toBe(200)
}

describe('a mail that goes out whoever has an account', () => {
  test('from the queue to the mailbox, and back', async () => {
    fixture.resend.always({ kind: 'status', status: 503 })
    const id = idOf(await askForLink(unique()))
    expect(await statusOf(id)).toEqual({ status: 'queued' })
    fixture.resend.heal()
    await until(id, 'sent')
    const reports = { 'email.delivery_delayed': 'delayed', 'email.delivered': 'delivered', 'email.complained': 'complained' }
    for (const [type, status] of Object.entries(reports)) {
      await report(id, type)
      expect(await statusOf(id)).toEqual({ status })
    }
  })

  const bounce = { bounce: { type: 'Permanent', subType: 'NoEmail', message: 'no such mailbox' } }

  test('one that came back says so', async () => {
    const id = idOf(await askForLink(unique('gone')))
    await until(id, 'sent')
    await report(id, 'email.bounced', bounce)
    expect(await statusOf(id)).toEqual({ status: 'bounced' })
  })

  test('one to an address that mails came back from is not sent, and says that', async () => {
    const { email, userId } = await signUp(base)
    const find = () =>
      fixture.owner.query<{ id: string }>(
        `select id from auth.outbox where status = 'sent' and kind = 'email_confirm' and payload->>'end_user_id' = $1`,
        [userId],
      )
    await expect.poll(find, { timeout: 10_000 }).toHaveLength(1)
    await report((await find())[0]!.id, 'email.bounced', bounce)
    await until(idOf(await askForLink(email)), 'suppressed')
  })

  test('known and unknown addresses are told alike', async () => {
    const { email } = await signUp(base)
    for (const address of [email, unique('nobody')]) await until(idOf(await askForLink(address)), 'sent')
  })

  test('a change of address, to whoever holds the session', async () => {
    const { accessToken: token } = await signUp(base)
    const asked = await call(`${base}/email/change`, { token, body: { email: unique('new'), password: PASSWORD } })
    expect(asked.status).toBe(200)
    await until(idOf(asked), 'sent')
  })
})

test('a reset or a confirmation tells nothing: neither of known addresses nor of unknown ones, whatever became of it', async () => {
  const { email } = await signUp(base)
  const ask = (path: string, address: string) => call(`${base}/${path}`, { body: { email: address } })
  for (const path of ['reset', 'email/resend']) {
    const [known, unknown] = [await ask(path, email), await ask(path, unique('nobody'))]
    expect([known.status, unknown.status]).toEqual([200, 200])
    for (const id of [idOf(known), idOf(unknown)]) {
      expect(id).toMatch(/^[0-9a-f-]{36}$/)
      const ended = () => fixture.owner.query(`select 1 from auth.outbox where id = $1 and done_at is null`, [id])
      await expect.poll(ended, { timeout: 10_000 }).toEqual([])
      expect(await statusOf(id)).toEqual({ status: 'accepted' })
    }
  }
})

test('without sign-ups a sign-in mail goes to accounts alone, so it tells nothing either', async () => {
  const { base: closed } = await fixture.project(['email', 'magic_link'], { allow_signups: false })
  const asked = await call(`${closed}/magic-link`, { body: { email: unique(), redirect_to: APP_CALLBACK } })
  expect(await statusOf(idOf(asked), closed)).toEqual({ status: 'accepted' })
})

test('another project’s mail, a made-up id and no id are one answer', async () => {
  const id = idOf(await askForLink(unique()))
  await until(id, 'sent')
  const { base: other } = await fixture.project(['email', 'magic_link'])
  for (const [at, asked] of [[other, id], [base, randomUUID()], [base, 'x'], [base, `${id}0`]] as const) {
    expect([asked, await statusOf(asked, at)]).toEqual([asked, { status: 'accepted' }])
  }
})
