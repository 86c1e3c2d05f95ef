import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, type Answer } from '../../support/data-plane.js'
import { startOidcServer } from '../../support/oidc-server.js'
import { PASSWORD, proofKey, signInWith, startSignInFixture, unique } from '../../support/sign-in-fixture.js'
import {
  BELONGS_TO_SESSIONS,
  leaveEverything,
  mint,
  mintChallenge,
  NEW_PASSWORD,
  PENDING,
  PROVIDER,
  SITE,
  stillWorks,
  THINGS,
  type Left,
  type Stage,
} from './stranger.js'

let stage: Stage
beforeAll(async () => {
  const fixture = await startSignInFixture()
  const { id, uuid, base } = await fixture.project(['email', 'magic_link', 'email_otp', PROVIDER], { mfa: 'optional', site_url: SITE })
  const idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
  const put = await fixture.control.call('PUT', `projects/${id}/auth/providers/${PROVIDER}`, {
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    issuer: idp.issuer,
  })
  expect(put.status).toBe(200)
  stage = { fixture, idp, id, uuid, base }
})
afterAll(async () => {
  await stage?.idp.close()
  await stage?.fixture.close()
})

const post = (path: string, body: unknown, token?: string) =>
  call(`${stage.base}/${path}`, { body, ...(token === undefined ? {} : { token }) })
const operator = (method: string, left: Left, what: string, body?: unknown) =>
  stage.fixture.control.call(method, `projects/${stage.id}/users/${left.userId}${what}`, body)

/** Every way to prove an address. */
const WAYS: Record<string, (left: Left) => Promise<{ status: number }>> = {
  'confirmation by link': async (left) =>
    post('email/confirm', { token: await mint(stage, left.userId, 'email_confirm', { email: left.email }) }),
  'confirmation by code': async (left) =>
    post('email/confirm', { email: left.email, code: (await mintChallenge(stage, 'email_confirm', left.email)).code }),
  'password reset': async (left) =>
    post('password-reset/confirm', {
      token: await mint(stage, left.userId, 'password_reset', { email: left.email }),
      password: NEW_PASSWORD,
    }),
  'magic link': async (left) => post('magic-link/confirm', { token: (await mintChallenge(stage, 'sign_in', left.email)).token }),
  'mailed code': async (left) =>
    post('email/verify', { email: left.email, code: (await mintChallenge(stage, 'sign_in', left.email)).code }),
  'recovery mail': async (left) =>
    post('recovery/confirm', { token: await mint(stage, left.userId, 'account_recovery', { email: left.email }) }),
  'invitation, with a password': async (left) =>
    post('invitation/accept', { token: await mint(stage, left.userId, 'invitation', { email: left.email }), password: NEW_PASSWORD }),
  'invitation, with a provider': async (left) => {
    const token = await mint(stage, left.userId, 'invitation', { email: left.email })
    stage.idp.account = { sub: `owner-${left.userId}`, email: left.email, email_verified: true }
    const browser = new BrowserClient()
    const started = await browser.open(`${stage.base}/mail/invitation/${PROVIDER}`, { form: { token } })
    const back = await browser.travel(started.location!, (url) => url.href.includes('/callback?'))
    return browser.open(back)
  },
}

describe('an unproven address', () => {
  test('everything that a stranger leaves works before', async () => {
    const left = await leaveEverything(stage, { proven: false })
    expect(
      (
        await stillWorks(stage, left, [
          'exchange code',
          'session',
          'half-done sign-in',
          'half-done link',
          'passkey',
          'identity',
          'second factor',
          'recovery codes',
          'password',
          'pending change',
          'refresh token',
        ])
      ).length,
    ).toBe(11)
    const other = await leaveEverything(stage, { proven: false })
    expect(await stillWorks(stage, other, ['undo link'])).toEqual(['undo link'])
    const third = await leaveEverything(stage, { proven: false })
    expect(await stillWorks(stage, third, ['invitation'])).toEqual(['invitation'])
  })

  test.each(Object.keys(WAYS))('%s: nothing that was left opens the account', async (way) => {
    const left = await leaveEverything(stage, { proven: false })
    const proven = await WAYS[way]!(left)
    expect(proven.status).toBe(200)
    expect(await stillWorks(stage, left)).toEqual([])
    const [user] = await stage.fixture.owner.query<{ email: string; verified: boolean }>(
      'select email, email_verified_at is not null as verified from auth.end_user where id = $1',
      [left.userId],
    )
    expect(user).toEqual({ email: left.email, verified: true })
  })

  test('an identity that was there first opens nothing after the owner’s proof; a provider that vouches then joins the owner', async () => {
    const email = unique('victim')
    stage.idp.account = { sub: `first-${email}`, email }
    const stranger = (await signInWith(new BrowserClient(), stage.base, PROVIDER)).session!
    expect(stranger.body.user).toMatchObject({ email, email_verified: false })
    expect((await post('email/confirm', { token: await mint(stage, stranger.body.user_id, 'email_confirm', { email }) })).status).toBe(200)
    const again = await signInWith(new BrowserClient(), stage.base, PROVIDER)
    expect([again.session, again.landed.searchParams.get('error')]).toEqual([null, 'email_not_verified'])
    expect((await call(`${stage.base}/user`, { token: stranger.body.access_token })).status).toBe(401)
  })
})

describe('what the same proof shows to be the prover’s stays', () => {
  const works = (left: Left, names: readonly string[]) => stillWorks(stage, left, names)

  test('the session that confirms, what it was opened and raised with', async () => {
    const left = await leaveEverything(stage, { proven: false })
    expect(
      (await post('email/confirm', { token: await mint(stage, left.userId, 'email_confirm', { email: left.email }) }, left.accessToken))
        .body,
    ).toMatchObject({ ok: true })
    expect(await works(left, ['session', 'passkey', 'second factor', 'recovery codes', 'password'])).toHaveLength(5)
    expect(
      await works(left, ['exchange code', 'half-done sign-in', 'half-done link', 'undo link', 'pending change', 'invitation', 'identity']),
    ).toEqual([])
  })

  test('the password that is typed with the code, and not the passkey', async () => {
    const left = await leaveEverything(stage, { proven: false })
    const { code } = await mintChallenge(stage, 'email_confirm', left.email)
    expect((await post('email/confirm', { email: left.email, code, password: 'not the password' })).status).toBe(401)
    expect((await post('email/confirm', { email: left.email, code, password: PASSWORD })).body).not.toHaveProperty('password_removed')
    expect(await works(left, ['session', 'password'])).toHaveLength(2)
    expect(
      await works(left, [
        'passkey',
        'second factor',
        'recovery codes',
        'identity',
        'undo link',
        'invitation',
        'pending change',
        'exchange code',
        'half-done sign-in',
      ]),
    ).toEqual([])
  })

  test('the password, for the holder of the proof key of the sign-up', async () => {
    const [mine, other] = [proofKey(), proofKey()]
    for (const [key, status] of [[mine, 200], [other, 401]] as const) {
      const email = unique('quiet')
      const { body } = await post('signup', { email, password: PASSWORD, code_challenge: mine.challenge })
      const token = await mint(stage, body.user_id, 'email_confirm', { email })
      expect((await post('email/confirm', { token, code_verifier: key.verifier })).status).toBe(200)
      expect((await post('login', { email, password: PASSWORD })).status).toBe(status)
    }
  })

  test('somebody else’s session shows nothing', async () => {
    const [left, other] = [await leaveEverything(stage, { proven: false }), await leaveEverything(stage, { proven: false })]
    expect(
      (await post('email/confirm', { token: await mint(stage, left.userId, 'email_confirm', { email: left.email }) }, other.accessToken))
        .status,
    ).toBe(200)
    expect(await stillWorks(stage, left)).toEqual([])
    expect(await works(other, ['session', 'password'])).toHaveLength(2)
  })
})

describe('an address that was proven before', () => {
  test.each(['password reset', 'recovery mail'])('%s keeps the other factors, and ends sessions and what waits', async (way) => {
    const left = await leaveEverything(stage, { proven: true })
    expect((await WAYS[way]!(left)).status).toBe(200)
    expect(await stillWorks(stage, left, [...BELONGS_TO_SESSIONS, ...PENDING])).toEqual([])
    expect(await stillWorks(stage, left, ['passkey', 'second factor', 'recovery codes', 'identity'])).toHaveLength(4)
  })

  test('a click confirms no change of address: the account, its password and its factor must be shown', async () => {
    const left = await leaveEverything(stage, { proven: true })
    const confirm = (more: object, token?: string) => post('email/confirm', { token: left.changeToken, ...more }, token)
    const page = await new BrowserClient().open(`${stage.base}/mail/email_change`, { form: { token: left.changeToken } })
    expect([page.status, page.text.includes('factor_code')]).toEqual([403, true])
    const codes: string[] = []
    for (const [more, token] of [
      [{}],
      [{ password: 'not the password' }],
      [{ password: PASSWORD }],
      [{ password: PASSWORD, factor_code: 'wrong' }],
    ] as [object, string?][]) {
      codes.push((await confirm(more, token)).body.error.code)
    }
    expect(codes).toEqual(['reauthentication_required', 'invalid_credentials', 'second_factor_required', 'invalid_code'])
    expect((await confirm({ password: PASSWORD, factor_code: left.recoveryCodes[3] })).status).toBe(200)
    const other = await leaveEverything(stage, { proven: true })
    // The session was raised by the factor.
    expect((await post('email/confirm', { token: other.changeToken }, other.accessToken)).status).toBe(200)
  })
})

const mailsThatWait = async ({ userId }: Left) =>
  (await stage.fixture.owner.query(`select 1 from auth.outbox where payload->>'end_user_id' = $1 and done_at is null`, [userId])).length

async function liveLinks({ userId }: Left): Promise<Record<string, number>> {
  const found = await stage.fixture.owner.query<{ purpose: string; n: number }>(
    `select purpose, count(*)::int as n from auth.one_time_token where end_user_id = $1 and consumed_at is null and voided_at is null group by purpose`,
    [userId],
  )
  return Object.fromEntries(found.map(({ purpose, n }) => [purpose, n]))
}

describe('evict', () => {
  test.each([true, false])('ends all access, whatever was proven (%s), and says what it removed', async (proven) => {
    const left = await leaveEverything(stage, { proven })
    // The worker issues the links of the mails that were asked for, sooner or later: what there is to remove is counted when it is done.
    await expect.poll(() => mailsThatWait(left)).toBe(0)
    const links = await liveLinks(left)
    expect(links).toMatchObject({ email_change: expect.any(Number), email_change_undo: expect.any(Number), invitation: 1 })
    const answer = await operator('POST', left, '/evict')
    expect([answer.status, answer.body.data]).toEqual([
      200,
      {
        removed: {
          passwords: 1,
          passkeys: 1,
          factors: 1,
          recovery_codes: 10,
          identities: 1,
          sessions: 1,
          exchange_codes: 2,
          pending_sign_ins: 1,
          link_flows: 0,
          passkey_challenges: 0,
          email_changes: links['email_change'],
          undo_links: links['email_change_undo'],
          invitations: 1,
          mailed_links: expect.any(Number),
          mailed_codes: expect.any(Number),
        },
        recovery: 'queued',
      },
    ])
    expect(await stillWorks(stage, left)).toEqual([])
    expect(await stage.fixture.audit(stage.uuid, 'user.evicted')).not.toEqual([])
    // The owner comes back by the mailbox.
    const link = await stage.fixture.mailedLink(left.email, /access|recover|back|password/i)
    expect((await post('password-reset/confirm', { token: link.searchParams.get('token'), password: NEW_PASSWORD })).status).toBe(200)
    expect((await post('login', { email: left.email, password: NEW_PASSWORD })).body.user_id).toBe(left.userId)
  })

  test('may leave the mail for later, and knows no other tenant’s users', async () => {
    const left = await leaveEverything(stage, { proven: true })
    expect((await operator('POST', left, '/evict', { recovery: false })).body.data.recovery).toBeNull()
    expect((await operator('POST', { ...left, userId: '00000000-0000-4000-8000-000000000000' }, '/evict')).status).toBe(404)
  })

  test('one identity: listed, disconnected by the operator, and not back by its address alone', async () => {
    const left = await leaveEverything(stage, { proven: true })
    expect((await operator('GET', left, '/identities')).body.data).toMatchObject([{ provider: PROVIDER, subject: left.subject }])
    const gone = await operator('DELETE', left, `/identities/${encodeURIComponent(PROVIDER)}`)
    expect(gone.body.data).toEqual({ provider: PROVIDER, subject: left.subject, unlinked: true, sessions_ended: 1 })
    stage.idp.account = { sub: left.subject, email: left.email, email_verified: true }
    const back = await signInWith(new BrowserClient(), stage.base, PROVIDER)
    expect([back.session, back.landed.searchParams.get('error')]).toEqual([null, 'email_taken'])
    expect(await stillWorks(stage, left, BELONGS_TO_SESSIONS)).toEqual([])
    // Unless the project says that an address is enough; the second factor is asked for as ever.
    const relink = (on: boolean | null) => stage.fixture.control.call('PATCH', `projects/${stage.id}/auth`, { relink_by_address: on })
    expect((await relink(true)).status).toBe(200)
    try {
      stage.idp.account = { sub: left.subject, email: left.email, email_verified: true }
      expect((await signInWith(new BrowserClient(), stage.base, PROVIDER)).session?.body).toMatchObject({ mfa_required: true })
    } finally {
      await relink(null)
    }
  })
})

/** Every use case that promises a sign-out everywhere. */
const ENDERS: Record<string, (left: Left) => Promise<{ status: number } | Answer>> = {
  'DELETE /sessions': (left) => call(`${stage.base}/sessions`, { method: 'DELETE', token: left.accessToken }),
  'logout everywhere': (left) => post('logout', { scope: 'global' }, left.accessToken),
  'password reset': (left) => WAYS['password reset']!(left),
  'sessions ended by the operator': (left) => operator('DELETE', left, '/sessions'),
  'factors reset by the operator': (left) => operator('DELETE', left, '/factors'),
  'disabled by the operator': (left) => operator('POST', left, '/disable'),
  'disabled, and enabled again': async (left) => {
    await operator('POST', left, '/disable')
    return operator('POST', left, '/enable')
  },
  'a password set by the operator': (left) => operator('PATCH', left, '', { password: NEW_PASSWORD }),
  'an address set by the operator': (left) => operator('PATCH', left, '', { email: unique('moved') }),
  'a change of address undone': (left) => post('email/change/undo', { token: left.undoToken }),
  'the account deleted': (left) => operator('DELETE', left, ''),
}

describe('every session', () => {
  test.each(Object.keys(ENDERS))('%s ends what belongs to it, begun or done', async (name) => {
    const left = await leaveEverything(stage, { proven: true })
    expect((await ENDERS[name]!(left)).status).toBe(200)
    expect(await stillWorks(stage, left, BELONGS_TO_SESSIONS)).toEqual([])
  })

  test('a changed password leaves the session that changed it, and nothing else', async () => {
    const left = await leaveEverything(stage, { proven: true })
    expect((await post('password', { current_password: PASSWORD, password: NEW_PASSWORD }, left.accessToken)).status).toBe(200)
    expect(await stillWorks(stage, left, ['exchange code', 'half-done sign-in', 'half-done link'])).toEqual([])
    expect(await stillWorks(stage, left, ['session'])).toEqual(['session'])
  })

  test.each(['a password set by the operator', 'an address set by the operator', 'disabled, and enabled again'])(
    '%s ends the way back of an earlier address too',
    async (name) => {
      const left = await leaveEverything(stage, { proven: true })
      await ENDERS[name]!(left)
      expect(await stillWorks(stage, left, ['undo link', 'invitation'])).toEqual([])
    },
  )
})

test('undoing a change takes off what was added since it was asked for, and keeps what was there', async () => {
  const left = await leaveEverything(stage, { proven: true })
  await stage.fixture.owner.query(`update auth.webauthn_credential set created_at = now() - interval '1 day' where end_user_id = $1`, [
    left.userId,
  ])
  await stage.fixture.owner.query(
    `update auth.one_time_token set created_at = now() - interval '1 hour' where end_user_id = $1 and purpose = 'email_change_undo'`,
    [left.userId],
  )
  expect((await post('email/change/undo', { token: left.undoToken })).status).toBe(200)
  expect(await stillWorks(stage, left, ['identity', 'second factor', 'recovery codes', 'password', 'pending change', 'passkey'])).toEqual([
    'passkey',
  ])
})

describe('invitations', () => {
  test('to an account that has a way in or was used are refused and touch nothing', async () => {
    const email = unique('squat')
    const { body } = await post('signup', { email, password: PASSWORD })
    const invited = await stage.fixture.control.call('POST', `projects/${stage.id}/users/invite`, { email, metadata: { role: 'admin' } })
    expect([invited.status, invited.body.error.code]).toEqual([422, 'email_taken'])
    expect((await call(`${stage.base}/user`, { token: body.access_token })).body.user.metadata).toEqual({})
    expect(
      await stage.fixture.owner.query(`select 1 from auth.outbox where kind = 'invitation' and payload->>'end_user_id' = $1`, [
        body.user_id,
      ]),
    ).toEqual([])
  })

  test.each([['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' }], ['a script', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }], ['another site in an old browser', { origin: 'https://evil.example' }]])(
    'a form of %s accepts none, with a password or with a provider',
    async (_name, headers) => {
      const email = unique('guest')
      const invited = await stage.fixture.control.call('POST', `projects/${stage.id}/users/invite`, { email })
      const token = await mint(stage, invited.body.data.id, 'invitation', { email })
      // Node's own fetch writes some of these headers itself.
      const send = (path: string, form: Record<string, string>) =>
        new Promise<{ status: number; location: string | undefined }>((done, fail) => {
          const body = new URLSearchParams(form).toString()
          const outgoing = request(
            `${stage.base}/mail/${path}`,
            { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, ...headers } },
            (answer) => {
              answer.resume()
              done({ status: answer.statusCode ?? 0, location: answer.headers.location })
            },
          )
          outgoing.on('error', fail)
          outgoing.end(body)
        })
      expect(await send(`invitation/${PROVIDER}`, { token })).toEqual({ status: 200, location: undefined })
      expect(await send('invitation', { token, password: NEW_PASSWORD })).toEqual({ status: 200, location: undefined })
      expect((await post('login', { email, password: NEW_PASSWORD })).status).toBe(401)
      expect((await post('invitation/accept', { token, password: NEW_PASSWORD })).status).toBe(200)
    },
  )
})

test('the columns are those of the promise', () => {
  expect(Object.keys(THINGS)).toEqual(
    expect.arrayContaining([
      'password',
      'passkey',
      'second factor',
      'recovery codes',
      'identity',
      'session',
      'refresh token',
      'exchange code',
      'half-done sign-in',
      'pending change',
      'undo link',
      'invitation',
    ]),
  )
})
