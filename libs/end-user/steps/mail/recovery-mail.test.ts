import { digestToken } from '@portico/crypto/token-digest'
import { defaultMail } from '@portico/email/templates/default-mail'
import { systemClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMailFixture, type MailFixture } from '../../../../test/support/mail-fixture.js'
import { IssueMail } from './issue-mail.js'

let fixture: MailFixture
beforeAll(async () => {
  fixture = await createMailFixture()
})
afterAll(() => fixture.close())

test.each([
  [{ sign_in: true }, 'account_recovery', true],
  [{}, 'password_reset', false],
])('a recovery mail with %j carries a token for %s', async (extra, purpose, signIn) => {
  await fixture.setSettings({ mail_links: 'app', site_url: 'https://app.example.com' })
  const { db, project } = await fixture.openAs('portico_worker', 2)
  const { scope, name, settings } = project
  const user = await fixture.addUser()
  const id = await fixture.enqueue('account_recovery', { end_user_id: user.id, ...extra })
  const [issued] = await new IssueMail(db, systemClock, Buffer.alloc(32, 1), Buffer.alloc(32, 2), {
    admit: async (_, mails) => mails.map(() => null),
  }).execute({ scope, name, serving: true, ownSender: false, settings, authUrl: 'https://auth.example.com/proj_x' }, [id])
  if (issued?.outcome !== 'send' || !('link' in issued.contents) || issued.contents.link === null) throw new Error(JSON.stringify(issued))
  expect(issued.contents).toMatchObject({ template: 'account_recovery', signIn })
  const link = new URL(issued.contents.link)
  expect([link.origin, link.searchParams.get('type')]).toEqual(['https://app.example.com', purpose])
  const stored = await fixture.owner.query<{ purpose: string; email: string }>(
    `select purpose, payload->>'email' as email from auth.one_time_token where digest = $1`,
    [digestToken(link.searchParams.get('token') ?? '')],
  )
  expect(stored).toEqual([{ purpose, email: user.email }])
})

test('the mail says what its link does', () => {
  const link = 'https://app.example.com/?token=x'
  expect(defaultMail({ name: 'Notes' }, 'en', { template: 'account_recovery', link, signIn: false }).text).toContain('Choose a new password')
  const signIn = defaultMail({ name: 'Notes' }, 'en', { template: 'account_recovery', link, signIn: true })
  expect(signIn.text).toContain('add a new passkey')
  expect(signIn.text + signIn.html).not.toMatch(/password/i)
})
