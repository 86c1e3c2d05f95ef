import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import type { FakeMail } from '../../support/fake-resend.js'
import { APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let project: Awaited<ReturnType<SignInFixture['project']>>
let base: string

beforeAll(async () => {
  fixture = await startSignInFixture()
  project = await fixture.project(['email', 'magic_link', 'email_otp'])
  base = project.base
})
afterAll(() => fixture?.close())

const mailTo = (email: string, subject: RegExp) =>
  fixture.resend.waitForMail((mail) => mail.to.includes(email) && subject.test(mail.subject))
const codeIn = (mail: FakeMail) => /^ {4}(\d{6})$/m.exec(mail.text)![1]!
const tokenIn = (mail: FakeMail) => /token=([\w-]{43})/.exec(mail.text)![1]!
const signUp = async (email: string) => (await call(`${base}/signup`, { body: { email, password: PASSWORD } })).body
const askLink = (email: string, more: Record<string, unknown> = {}, at = base) => call(`${at}/magic-link`, { body: { email, ...more } })
const askCode = (email: string, at = base) => call(`${at}/email/start`, { body: { email } })
const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'sec-fetch-user': '?1',
}
const press = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  send(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })

/** Exactly these headers: Node's own fetch writes some of a browser's itself. */
function send(
  url: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return new Promise<{ status: number; headers: Headers; text: string }>((done, fail) => {
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => done({ status: answer.statusCode ?? 0, text, headers: new Headers(answer.headers as Record<string, string>) }))
    })
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

describe('magic links', () => {
  test('an unknown address is made an account by its proof, a known one signs in; the token works once', async () => {
    const email = unique('new')
    expect((await askLink(email, { redirect_to: APP_CALLBACK })).body).toEqual({ ok: true, delivery: 'queued' })
    const mail = await mailTo(email, /Sign in/)
    expect(mail.text).toContain(`${APP_CALLBACK}?type=magic_link&token=`)
    expect(await fixture.owner.query('select 1 from auth.end_user where email = $1', [email])).toEqual([])
    const racers = await Promise.all(
      Array.from({ length: 5 }, () => call(`${base}/magic-link/confirm`, { body: { token: tokenIn(mail) } })),
    )
    expect(racers.map((answer) => answer.status).toSorted()).toEqual([200, 400, 400, 400, 400])
    const session = racers.find((answer) => answer.status === 200)!
    expect(session.body).toMatchObject({ token_type: 'Bearer', user: { email, email_verified: true } })
    expect((await call(`${base}/verify`, { body: { token: session.body.access_token } })).body.amr).toEqual(['email'])
    // The code of the same mail was spent with the link.
    expect((await call(`${base}/email/verify`, { body: { email, code: codeIn(mail) } })).status).toBe(400)
  })

  test('answers do not depend on the address; nothing is mailed to an unknown one without leave to make an account', async () => {
    const known = unique('known')
    await signUp(known)
    const unknown = unique('unknown')
    const answers = [await askLink(known, { create_user: false }), await askLink(unknown, { create_user: false })]
    expect(answers[0]!.body).toEqual(answers[1]!.body)
    await mailTo(known, /Sign in/)
    await expect
      .poll(
        async () =>
          (
            await fixture.owner.query<{ last_error: string }>(`select last_error from auth.outbox where payload->>'address' = $1`, [
              unknown,
            ])
          )[0]?.last_error,
        { timeout: 10_000 },
      )
      .toBe('no_account')
    expect(fixture.resend.mails.some((mail) => mail.to.includes(unknown))).toBe(false)
  })

  test('with a proof key the link opens our page, whose button hands the app a code', async () => {
    const email = unique('pkce')
    const key = proofKey()
    await askLink(email, { redirect_to: APP_CALLBACK, code_challenge: key.challenge, code_challenge_method: 'S256' })
    const mail = await mailTo(email, /Sign in/)
    const page = `${base}/mail/magic_link`
    expect(mail.text).toContain(`${page}?token=`)
    const token = tokenIn(mail)
    // Whatever a scanner does to the link, it stays usable.
    for (const scan of [
      { method: 'HEAD' },
      { method: 'GET' },
      { method: 'GET', headers: { 'user-agent': 'Barracuda Sentinel' } },
      { headers: { ...browser, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' } },
    ]) {
      expect((await send(`${page}?token=${token}`, scan)).status).toBe(200)
    }
    const auto = await press(page, { token }, { ...browser, 'sec-fetch-site': 'same-origin', 'sec-fetch-user': '' })
    expect([auto.status, auto.headers.get('location')]).toEqual([200, null])
    expect((await fixture.audit(project.uuid, 'link.opened_by_scanner')).map((row) => row.metadata['reason'])).toEqual(
      expect.arrayContaining(['head_request', 'known_scanner', 'not_a_navigation', 'no_person']),
    )
    const opened = await send(`${page}?token=${token}`, { headers: browser })
    expect(opened.headers.get('content-security-policy')).toContain('form-action')
    const back = await press(page, { token }, { ...browser, 'sec-fetch-site': 'same-origin' })
    const landed = new URL(back.headers.get('location')!)
    expect([back.status, `${landed.origin}${landed.pathname}`, [...landed.searchParams.keys()]]).toEqual([302, APP_CALLBACK, ['code']])
    const code = landed.searchParams.get('code')
    expect((await call(`${base}/token/exchange`, { body: { code, code_verifier: proofKey().verifier } })).status).toBe(400)
    expect((await press(page, { token })).status).toBe(400)
    const again = unique('pkce2')
    await askLink(again, { redirect_to: APP_CALLBACK, code_challenge: key.challenge })
    const second = new URL((await press(page, { token: tokenIn(await mailTo(again, /Sign in/)) })).headers.get('location')!)
    expect(
      (await call(`${base}/token/exchange`, { body: { code: second.searchParams.get('code'), code_verifier: key.verifier } })).body.user
        .email,
    ).toBe(again)
  })

  test('with nowhere to lead a link is refused when it is asked for, and nothing is mailed or counted', async () => {
    for (const [redirectUrls, site, status] of [
      [[], null, 422],
      [['https://*.preview.example.com/cb'], null, 422],
      [[APP_CALLBACK, 'https://app.example/other'], null, 422],
      [[APP_CALLBACK], null, 200],
      [[], 'https://app.example', 200],
    ] as const) {
      const bare = await fixture.project(['email', 'magic_link'], {
        redirect_urls: redirectUrls,
        site_url: site,
        limits: { mail_account: { points: 1, window_seconds: 60 } },
      })
      const email = unique('nowhere')
      const answer = await askLink(email, {}, bare.base)
      expect([redirectUrls, answer.status, answer.body.error?.code, answer.body.error?.details?.[0]?.field]).toEqual([
        redirectUrls, status, status === 422 ? 'validation_error' : undefined, status === 422 ? 'redirect_to' : undefined,
      ])
      const rows = await fixture.owner.query('select 1 from auth.outbox where project_id = $1', [bare.uuid])
      expect(rows).toHaveLength(status === 200 ? 1 : 0)
      if (redirectUrls.length === 2) expect((await askLink(email, { redirect_to: APP_CALLBACK }, bare.base)).status).toBe(200)
    }
  })

  test('a redirect outside the list is refused, a link of another project finds nothing, an off method is 403', async () => {
    expect((await askLink(unique(), { redirect_to: 'https://app.example.evil.com/auth/callback' })).status).toBe(422)
    const email = unique('foreign')
    await askLink(email)
    const token = tokenIn(await mailTo(email, /Sign in/))
    const other = await fixture.project(['email', 'magic_link'])
    expect((await call(`${other.base}/magic-link/confirm`, { body: { token } })).status).toBe(400)
    const off = await fixture.project(['email'])
    for (const [path, body] of [
      ['magic-link', { email }],
      ['magic-link/confirm', { token }],
      ['email/start', { email }],
      ['email/verify', { email, code: '123456' }],
    ] as const) {
      expect((await call(`${off.base}/${path}`, { body })).body.error.code).toBe('provider_not_enabled')
    }
    expect((await call(`${base}/magic-link/confirm`, { body: { token } })).status).toBe(200)
  })

  test('the owner who proves an unproven address gets the account without what a stranger set up on it', async () => {
    const email = unique('squatted')
    const squatter = await signUp(email)
    await askLink(email)
    const owner = await call(`${base}/magic-link/confirm`, { body: { token: tokenIn(await mailTo(email, /Sign in/)) } })
    expect([owner.status, owner.body.user_id, owner.body.user.email_verified]).toEqual([200, squatter.user_id, true])
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await call(`${base}/user`, { token: squatter.access_token })).status).toBe(401)
    expect((await call(`${base}/refresh`, { body: { refresh_token: squatter.refresh_token } })).status).toBe(401)
    await mailTo(email, /Security notice/)
  })
})

describe('mailed codes', () => {
  test('a code signs in once and is never stored readably', async () => {
    const email = unique('code')
    await askCode(email)
    const mail = await mailTo(email, /code/)
    expect(mail.subject).not.toMatch(/\d{6}/)
    expect(mail.text).not.toContain('token=')
    const code = codeIn(mail)
    const [row] = await fixture.owner.query<{ all: string }>(
      'select row_to_json(c)::text as all from auth.email_challenge c where address = $1',
      [email],
    )
    expect(row!.all).not.toContain(code)
    const session = await call(`${base}/email/verify`, { body: { email: email.toUpperCase(), code } })
    expect([session.status, session.body.user.email]).toEqual([200, email])
    expect((await call(`${base}/verify`, { body: { token: session.body.access_token } })).body.amr).toEqual(['otp'])
    expect((await call(`${base}/email/verify`, { body: { email, code } })).body.error.code).toBe('invalid_or_expired_token')
  })

  test('the fifth wrong guess kills the code, also when all come at once; a made-up address answers the same', async () => {
    const email = unique('guess')
    await askCode(email)
    const code = codeIn(await mailTo(email, /code/))
    const wrong = code === '000000' ? '000001' : '000000'
    const guesses = await Promise.all(Array.from({ length: 20 }, () => call(`${base}/email/verify`, { body: { email, code: wrong } })))
    expect(new Set(guesses.map((answer) => `${answer.status} ${answer.body.error.code}`))).toEqual(
      new Set(['400 invalid_or_expired_token']),
    )
    const [row] = await fixture.owner.query<{ attempts: number }>('select attempts from auth.email_challenge where address = $1', [email])
    expect(row!.attempts).toBe(5)
    expect((await call(`${base}/email/verify`, { body: { email, code } })).status).toBe(400)
    const nobody = await call(`${base}/email/verify`, { body: { email: unique('nobody'), code } })
    expect(nobody.body.error).toMatchObject({ code: 'invalid_or_expired_token', message: guesses[0]!.body.error.message })
  })

  test('a later code voids the earlier one, and each is for its own address', async () => {
    const email = unique('twice')
    await askCode(email)
    const first = codeIn(await mailTo(email, /code/))
    // As if the minute between two mails were over.
    await fixture.owner.query('delete from limits.rate_limit')
    await askCode(email)
    await expect.poll(() => fixture.resend.mails.filter((mail) => mail.to.includes(email)).length, { timeout: 15_000 }).toBe(2)
    const second = codeIn(fixture.resend.mails.findLast((mail) => mail.to.includes(email))!)
    if (first !== second) expect((await call(`${base}/email/verify`, { body: { email, code: first } })).status).toBe(400)
    expect((await call(`${base}/email/verify`, { body: { email: unique(), code: second } })).status).toBe(400)
    expect((await call(`${base}/email/verify`, { body: { email, code: second } })).status).toBe(200)
  })

  test('one mail a minute per address; guesses and requests are limited by address and by client; the project has a day’s cap', async () => {
    const tight = await fixture.project(['email_otp'], {
      limits: {
        mail_account: { points: 1, window_seconds: 60 },
        code_account: { points: 3, window_seconds: 900 },
        mail_project: { points: 2, window_seconds: 86_400 },
      },
    })
    const email = unique('limited')
    for (let i = 0; i < 3; i += 1) expect((await askCode(email, tight.base)).status).toBe(200)
    const [count] = await fixture.owner.query<{ n: number }>('select count(*)::int as n from auth.outbox where project_id = $1', [
      tight.uuid,
    ])
    expect(count!.n).toBe(1)
    const guesses = []
    for (let i = 0; i < 4; i += 1) guesses.push((await call(`${tight.base}/email/verify`, { body: { email, code: '000000' } })).status)
    expect(guesses).toEqual([400, 400, 400, 429])
    expect((await askCode(unique(), tight.base)).status).toBe(200)
    const capped = await askCode(unique(), tight.base)
    expect([capped.status, capped.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
  })
})

describe('confirming a new password account', () => {
  const confirmMail = async (email: string) => mailTo(email, /Confirm/)

  test('on our page the button alone is not enough: the password, or the code where the sign-up began', async () => {
    const bare = await fixture.project(['email'])
    const email = unique('signup')
    const { body: begun } = await call(`${bare.base}/signup`, { body: { email, password: PASSWORD } })
    const mail = await confirmMail(email)
    const page = `${bare.base}/mail/email_confirm`
    const token = tokenIn(mail)
    expect((await send(`${page}?token=${token}`, { headers: browser })).text).toContain('current-password')
    expect((await press(page, { token })).status).toBe(403)
    expect((await press(page, { token, password: 'somebody else' })).status).toBe(401)
    const confirmed = await call(`${bare.base}/email/confirm`, { body: { email, code: codeIn(mail) }, token: begun.access_token })
    expect(confirmed.body).toMatchObject({ ok: true, user: { email, email_verified: true } })
    // Password and session stay: the person who typed the code is who signed up.
    expect((await call(`${bare.base}/user`, { token: begun.access_token })).status).toBe(200)
    expect((await call(`${bare.base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    const second = unique('signup')
    await call(`${bare.base}/signup`, { body: { email: second, password: PASSWORD } })
    expect((await press(page, { token: tokenIn(await confirmMail(second)), password: PASSWORD })).status).toBe(200)
  })

  test('by API the token is enough unless the project says otherwise', async () => {
    const plain = unique('plain')
    await signUp(plain)
    const bare = await call(`${base}/email/confirm`, { body: { token: tokenIn(await confirmMail(plain)) } })
    expect([bare.status, bare.body]).toMatchObject([
      200,
      { ok: true, user: { email: plain, email_verified: true }, password_removed: true },
    ])
    // It proves the mailbox and nothing else: the password may have been set by another person.
    expect((await call(`${base}/login`, { body: { email: plain, password: PASSWORD } })).status).toBe(401)
    await mailTo(plain, /Security notice/)
    const strict = await fixture.project(['email'], { confirm_in_same_browser: true })
    const email = unique('strict')
    await call(`${strict.base}/signup`, { body: { email, password: PASSWORD } })
    const token = tokenIn(await confirmMail(email))
    const alone = await call(`${strict.base}/email/confirm`, { body: { token } })
    expect([alone.status, alone.body.error.code]).toEqual([403, 'same_browser_required'])
    expect((await call(`${strict.base}/email/confirm`, { body: { token, password: PASSWORD } })).status).toBe(200)
  })
})

describe('invitations', () => {
  const invite = (id: string, email: string, more: Record<string, unknown> = {}) =>
    fixture.control.call('POST', `projects/${id}/users/invite`, { email, ...more })

  test('the link sets a first password; a closed project lets only the invited in', async () => {
    const closed = await fixture.project(['email', 'magic_link'], { invited_only: true })
    const email = unique('guest')
    const invited = await invite(closed.id, email, { metadata: { role: 'editor' } })
    expect([invited.status, invited.body.data]).toMatchObject([201, { email, email_verified: false, metadata: { role: 'editor' } }])
    expect((await call(`${closed.base}/signup`, { body: { email: unique(), password: PASSWORD } })).body.error.code).toBe(
      'signups_disabled',
    )
    const token = tokenIn(await mailTo(email, /invited/))
    expect((await call(`${closed.base}/invitation/accept`, { body: { token, password: 'short' } })).body.error.code).toBe('weak_password')
    const accepted = await call(`${closed.base}/invitation/accept`, { body: { token, password: PASSWORD } })
    expect(accepted.body.user).toMatchObject({ id: invited.body.data.id, email_verified: true })
    expect((await call(`${closed.base}/invitation/accept`, { body: { token, password: PASSWORD } })).status).toBe(400)
    expect((await call(`${closed.base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    expect((await invite(closed.id, email)).body.error.code).toBe('email_taken')
  })

  test('our page does the same, and a second invitation voids the first', async () => {
    const { id, base: at } = await fixture.project(['email'])
    const email = unique('page')
    await invite(id, email)
    const first = tokenIn(await mailTo(email, /invited/))
    await invite(id, email)
    await expect.poll(() => fixture.resend.mails.filter((mail) => mail.to.includes(email)).length, { timeout: 15_000 }).toBe(2)
    const second = tokenIn(fixture.resend.mails.findLast((mail) => mail.to.includes(email))!)
    expect((await press(`${at}/mail/invitation`, { token: first, password: PASSWORD })).status).toBe(400)
    expect((await send(`${at}/mail/invitation?token=${second}`)).text).toContain('Choose a password')
    expect((await press(`${at}/mail/invitation`, { token: second, password: PASSWORD })).status).toBe(200)
    expect((await call(`${at}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
  })
})
