import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { devicePrint } from '@portico/kernel/device-print'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import type { FakeMail } from '../../support/fake-resend.js'
import { submit } from '../../support/page-forms.js'
import { startReceiver } from '../../support/webhook-receiver.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

/** The notice of a session on a new device, and the link in it that puts everybody out. */
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture()
})
afterAll(() => fixture?.close())

const CHROME = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const open = (settings: Record<string, unknown> = {}) => fixture.project(['email'], { new_device_mail: true, ...settings })
const logIn = (base: string, email: string, { agent = CHROME } = {}) =>
  call(`${base}/login`, { headers: { 'user-agent': agent }, body: { email, password: PASSWORD } })
const isNotice = (email: string) => (mail: FakeMail) => mail.to.includes(email) && mail.subject.startsWith('New sign-in')
const noticesTo = (email: string) => fixture.resend.mails.filter(isNotice(email))
const owed = (email: string) =>
  fixture.owner.query<{ payload: { device: string } }>(
    `select o.payload from auth.outbox o join auth.end_user u on u.project_id = o.project_id and u.id::text = o.payload->>'end_user_id' where o.kind = 'new_device' and u.email = $1`,
    [email],
  )
/** On the first device. */
const signUp = async (base: string, { email = unique() } = {}) => {
  const { status, body } = await call(`${base}/signup`, { headers: { 'user-agent': CHROME }, body: { email, password: PASSWORD } })
  expect(status).toBe(201)
  return { email, userId: body.user_id as string, accessToken: body.access_token as string, refreshToken: body.refresh_token as string }
}
const linkIn = ({ text }: FakeMail) => /https?:\/\/\S+device_report\S*/.exec(text)![0]
const tokenIn = (mail: FakeMail) => new URL(linkIn(mail)).searchParams.get('token')!

test.each([
  [{ userAgent: CHROME, ip: '203.0.113.7' }, 'Chrome · macOS · 203.0.113.0/24'],
  [{ userAgent: CHROME.replace('146', '147'), ip: '203.0.113.250' }, 'Chrome · macOS · 203.0.113.0/24'],
  [{ userAgent: FIREFOX, ip: '2001:db8:5:6::1' }, 'Firefox · Linux · 2001:db8:5::/48'],
  [{ userAgent: FIREFOX, ip: '2001:db8::9' }, 'Firefox · Linux · 2001:db8:0::/48'],
  [{ userAgent: FIREFOX, ip: '::1' }, 'Firefox · Linux · 0:0:0::/48'],
  [{ userAgent: '<b>curl', ip: 'unknown' }, '– · – · –'],
  [{ userAgent: null, ip: null }, '– · – · –'],
])('%j is %s', (caller, print) => expect(devicePrint(caller)).toBe(print))

describe('with new_device_mail', () => {
  test('the second device is told, once, and not the first again', async () => {
    const { base } = await open()
    const { email } = await signUp(base)
    await logIn(base, email)
    await logIn(base, email, { agent: CHROME.replace('146', '147') })
    expect(await owed(email)).toEqual([])
    await Promise.all(Array.from({ length: 20 }, () => logIn(base, email, { agent: FIREFOX })))
    expect((await owed(email)).map(({ payload }) => payload.device)).toEqual(['Firefox · Linux · 127.0.0.0/24'])
    await fixture.resend.waitForMail(isNotice(email))
    expect(noticesTo(email)).toHaveLength(1)
    expect(noticesTo(email)[0]!.text).toContain('Firefox · Linux · 127.0.0.0/24')
    const rows = await fixture.owner.query(`select metadata from auth.audit_event where action = 'session.new_device' and actor_id = (select id::text from auth.end_user where email = $1)`, [email])
    expect(rows).toEqual([{ metadata: { device: 'Firefox · Linux · 127.0.0.0/24' } }])
  })

  test('opening the link does nothing, whoever opens it; the button evicts, once, and the owner is mailed a way back', async () => {
    const { base } = await open()
    const { email, refreshToken, accessToken } = await signUp(base)
    await logIn(base, email)
    await logIn(base, email, { agent: FIREFOX })
    await fixture.resend.waitForMail(isNotice(email))
    const token = tokenIn(noticesTo(email)[0]!)
    const page = `${base}/mail/device_report?token=${token}`
    const browser = new BrowserClient()
    for (const method of ['GET', 'HEAD', 'GET']) await browser.open(page, { method })
    expect((await call(`${base}/user`, { token: accessToken })).status).toBe(200)
    const asked = await browser.open(page)
    expect(asked.text).toContain('Was this not you?')
    const done = await submit(browser, asked, /device_report/, {})
    expect([done.status, done.text.includes('Everybody was signed out')]).toEqual([200, true])
    expect((await call(`${base}/user`, { token: accessToken })).status).toBe(401)
    expect((await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })).status).toBe(401)
    expect((await logIn(base, email)).status).toBe(401)
    await fixture.resend.waitForMail((mail) => mail.to.includes(email) && mail.subject.startsWith('Get back'))
    const again = await submit(browser, asked, /device_report/, {})
    expect([again.status, again.text.includes('Everybody was signed out')]).toEqual([400, false])
  })

  test('the link is of one project and one account', async () => {
    const [here, there] = [await open(), await open()]
    const { email } = await signUp(here.base)
    await logIn(here.base, email)
    await logIn(here.base, email, { agent: FIREFOX })
    await fixture.resend.waitForMail(isNotice(email))
    const token = tokenIn(noticesTo(email)[0]!)
    const other = await signUp(there.base, { email })
    const browser = new BrowserClient()
    const page = await browser.open(`${there.base}/mail/device_report?token=${token}`)
    expect((await submit(browser, page, /device_report/, {})).status).toBe(400)
    expect((await call(`${there.base}/user`, { token: other.accessToken })).status).toBe(200)
  })
})

test('without it nothing is noted', async () => {
  const { base } = await fixture.project(['email'])
  const { email, userId } = await signUp(base)
  await logIn(base, email)
  await logIn(base, email, { agent: FIREFOX })
  expect(await owed(email)).toEqual([])
  const rows = await fixture.owner.query('select distinct device_print from auth.session where end_user_id = $1', [userId])
  expect(rows).toEqual([{ device_print: null }])
})

test('the hook is asked about new devices alone; a no leaves no session, and the device as new as before', async () => {
  let decision = 'deny'
  const receiver = await startReceiver(() => ({ status: 200, body: JSON.stringify({ decision }) }))
  const { id, base } = await fixture.project(['email'])
  await fixture.control.call('PUT', `projects/${id}/hooks/on_new_device`, { url: receiver.url })
  // The data plane hears of the hook within a moment: until then nothing is written of devices.
  const printed = async () => {
    const { userId } = await signUp(base)
    const text = 'select device_print from auth.session where end_user_id = $1'
    return (await fixture.owner.query<{ device_print: string | null }>(text, [userId]))[0]!.device_print
  }
  await expect.poll(printed).not.toBeNull()
  const { email, userId } = await signUp(base)
  expect((await logIn(base, email)).status).toBe(200)
  expect(receiver.received).toEqual([])
  for (let i = 0; i < 2; i += 1) {
    const refused = await logIn(base, email, { agent: FIREFOX })
    expect([refused.status, refused.body.error.code]).toEqual([403, 'refused_by_app'])
  }
  const open = await fixture.owner.query('select 1 from auth.session where end_user_id = $1 and ended_at is null', [userId])
  expect(open).toHaveLength(2)
  decision = 'allow'
  expect((await logIn(base, email, { agent: FIREFOX })).status).toBe(200)
  expect((await logIn(base, email, { agent: FIREFOX })).status).toBe(200)
  expect(receiver.types()).toEqual(Array<string>(3).fill('on_new_device'))
  expect(receiver.received[0]!.message.data).toMatchObject({ device: 'Firefox · Linux · 127.0.0.0/24', amr: ['pwd'], user: { email } })
  expect(await owed(email)).toEqual([])
  await receiver.close()
})
