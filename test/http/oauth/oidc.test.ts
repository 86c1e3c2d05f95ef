import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import {
  APP_CALLBACK,
  atApp,
  PASSWORD,
  proofKey,
  signInWith,
  startSignInFixture,
  startUrl,
  unique,
  type SignInFixture,
} from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let idp: OidcServer
let project: Awaited<ReturnType<SignInFixture['project']>>
let base: string
const PROVIDER = 'oidc:acme'

const configure = (id: string, fields: Record<string, unknown> = {}) =>
  fixture.control.call('PUT', `projects/${id}/auth/providers/${PROVIDER}`, {
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    issuer: idp.issuer,
    ...fields,
  })

beforeAll(async () => {
  fixture = await startSignInFixture()
  project = await fixture.project(['email', PROVIDER])
  base = project.base
  idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
  const put = await configure(project.id)
  expect([put.status, put.body.data.redirect_uri]).toEqual([200, `${base}/oauth/${PROVIDER}/callback`])
})
afterAll(async () => {
  await idp?.close()
  await fixture?.close()
})
beforeEach(() => {
  idp.delayMs = 0
})

describe('a real authorization server', () => {
  test('the whole code flow: a code for the app, then a session; the second time the same user', async () => {
    const email = unique('ada')
    idp.account = { sub: 'ada-1', email, email_verified: true, name: 'Ada' }
    const browser = new BrowserClient()
    const { landed, session } = await signInWith(browser, base, PROVIDER)
    expect(`${landed.origin}${landed.pathname}`).toBe(APP_CALLBACK)
    expect([...landed.searchParams.keys()].toSorted()).toEqual(['code', 'state'])
    expect(landed.searchParams.get('state')).toBe('app-state')
    expect(session).toMatchObject({ status: 200, body: { token_type: 'Bearer', user: { email, email_verified: true } } })
    expect(browser.cookiesFor(base)).toEqual([])
    expect((await call(`${base}/verify`, { body: { token: session!.body.access_token } })).body).toMatchObject({
      valid: true,
      amr: ['fed'],
    })
    const again = await signInWith(new BrowserClient(), base, PROVIDER)
    expect(again.session!.body.user_id).toBe(session!.body.user_id)
    const identities = await call(`${base}/identities`, { token: session!.body.access_token })
    expect(identities.body.data).toMatchObject([
      { provider: PROVIDER, subject: 'ada-1', email, email_verified: true, profile: { name: 'Ada' } },
    ])
    // Known by subject: another address at the provider changes nothing here.
    idp.account = { sub: 'ada-1', email: unique('renamed'), email_verified: true }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).session!.body.user).toMatchObject({ id: session!.body.user_id, email })
  })

  test('what the app has in its address stays as it is written, with the code or the error behind it', async () => {
    const own = "https://app.example/cb?code=PROMO&state=mine&next=%2fhome&note=it%27s~a+b"
    const { id, base: at } = await fixture.project(['email', PROVIDER], { redirect_urls: [own] })
    const server = await startOidcServer([`${at}/oauth/${PROVIDER}/callback`])
    await configure(id, { issuer: server.issuer })
    const key = proofKey()
    const landed = async () =>
      (await new BrowserClient().travel(startUrl(at, PROVIDER, key, { redirect_to: own, state: 'app state' }), atApp)).href
    server.account = { sub: 'own-1', email: unique('own'), email_verified: true }
    const [, code] = /^(?:.*)&code=([\w-]{43})&state=app\+state$/.exec(await landed())!
    expect((await landed()).startsWith(`${own}&code=`)).toBe(true)
    expect((await call(`${at}/token/exchange`, { body: { code, code_verifier: key.verifier } })).status).toBe(200)
    server.account = { sub: 'own-2' }
    expect((await landed()).startsWith(`${own}&error=email_missing&error_description=`)).toBe(true)
    await server.close()
  })

  test('a code is worth nothing twice, with another verifier, or in another project', async () => {
    idp.account = { sub: 'eve-1', email: unique('eve'), email_verified: true }
    const key = proofKey()
    const take = async () => (await new BrowserClient().travel(startUrl(base, PROVIDER, key), atApp)).searchParams.get('code')
    const exchange = (at: string, code: string | null, verifier: string) =>
      call(`${at}/token/exchange`, { body: { code, code_verifier: verifier } })
    const code = await take()
    const racers = await Promise.all(Array.from({ length: 5 }, () => exchange(base, code, key.verifier)))
    expect(racers.map((answer) => answer.status).toSorted()).toEqual([200, 400, 400, 400, 400])
    const burned = await take()
    expect((await exchange(base, burned, proofKey().verifier)).body.error.code).toBe('invalid_or_expired_token')
    expect((await exchange(base, burned, key.verifier)).status).toBe(400)
    const other = await fixture.project(['email', PROVIDER])
    expect((await exchange(other.base, await take(), key.verifier)).status).toBe(400)
  })

  test('the same person in two projects is two users', async () => {
    const second = await fixture.project(['email', PROVIDER])
    const secondIdp = await startOidcServer([`${second.base}/oauth/${PROVIDER}/callback`])
    await configure(second.id, { issuer: secondIdp.issuer })
    const account = { sub: 'two-1', email: unique('two'), email_verified: true }
    idp.account = account
    secondIdp.account = account
    const [here, there] = [
      await signInWith(new BrowserClient(), base, PROVIDER),
      await signInWith(new BrowserClient(), second.base, PROVIDER),
    ]
    expect([here.session!.status, there.session!.status]).toEqual([200, 200])
    expect(here.session!.body.user_id).not.toBe(there.session!.body.user_id)
    expect((await call(`${second.base}/user`, { token: here.session!.body.access_token })).status).toBe(401)
    await secondIdp.close()
  })
})

describe('where an address meets an account', () => {
  const signUp = async (email: string) => (await call(`${base}/signup`, { body: { email, password: PASSWORD } })).body
  const confirm = async (email: string) => {
    const link = await fixture.mailedLink(email, /Confirm/)
    expect((await call(`${base}/email/confirm`, { body: { token: link.searchParams.get('token'), password: PASSWORD } })).status).toBe(200)
  }

  test('a verified address joins an account that has proved it', async () => {
    const email = unique('both')
    const { user_id: userId } = await signUp(email)
    await confirm(email)
    idp.account = { sub: 'both-1', email: email.toUpperCase(), email_verified: true }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).session!.body.user_id).toBe(userId)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    expect(await fixture.audit(project.uuid, 'identity.linked')).not.toEqual([])
  })

  test('an unverified address joins nothing', async () => {
    const email = unique('claimed')
    await signUp(email)
    await confirm(email)
    for (const verified of [false, undefined]) {
      idp.account = { sub: 'claims-it', email, ...(verified === undefined ? {} : { email_verified: verified }) }
      const { landed, session } = await signInWith(new BrowserClient(), base, PROVIDER)
      expect([landed.searchParams.get('error'), landed.searchParams.get('state'), session]).toEqual([
        'email_not_verified',
        'app-state',
        null,
      ])
    }
  })

  test('an account with an unproven address is neither taken over nor adopted; its owner gets a mail', async () => {
    const email = unique('squatted')
    const squatter = await signUp(email)
    idp.account = { sub: 'owner-1', email, email_verified: true }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).landed.searchParams.get('error')).toBe('email_not_confirmed')
    expect(await fixture.owner.query('select 1 from auth.identity where end_user_id = $1', [squatter.user_id])).toEqual([])
    const link = await fixture.mailedLink(email, /account|sign/i)
    expect(link.searchParams.get('token')).not.toBeNull()
    // The owner proves the address: the squatter's password and sessions go.
    const reset = fixture.resend.mails.findLast((mail) => mail.to.includes(email) && /password_reset/.test(mail.text))
    const token = /token=([\w-]{43})/.exec(reset!.text)![1]
    expect((await call(`${base}/password-reset/confirm`, { body: { token, password: 'the owner chose this 4' } })).status).toBe(200)
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await call(`${base}/user`, { token: squatter.access_token })).status).toBe(401)
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).session!.body.user_id).toBe(squatter.user_id)
  })

  test('without an address, or where sign-ups are closed, there is no account', async () => {
    idp.account = { sub: 'no-mail' }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).landed.searchParams.get('error')).toBe('email_missing')
    await fixture.control.call('PATCH', `projects/${project.id}/auth`, { email_domains_blocked: ['blocked.example'] })
    idp.account = { sub: 'blocked-1', email: 'x@mail.blocked.example', email_verified: true }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).landed.searchParams.get('error')).toBe('email_domain_not_allowed')
    await fixture.control.call('PATCH', `projects/${project.id}/auth`, { email_domains_blocked: null, allow_signups: false })
    idp.account = { sub: 'closed-1', email: unique(), email_verified: true }
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).landed.searchParams.get('error')).toBe('signups_disabled')
    await fixture.control.call('PATCH', `projects/${project.id}/auth`, { allow_signups: true })
  })

  test('first sign-ins at once make one account, and each gets in', async () => {
    for (const round of [1, 2, 3, 4, 5, 6]) {
      idp.account = { sub: `race-${round}`, email: unique('race'), email_verified: true }
      const all = await Promise.all(Array.from({ length: 6 }, () => signInWith(new BrowserClient(), base, PROVIDER)))
      expect(all.map(({ landed }) => landed.searchParams.get('error'))).toEqual(Array(6).fill(null))
      expect(all.map(({ session }) => session?.status)).toEqual(Array(6).fill(200))
      expect(new Set(all.map(({ session }) => session?.body.user_id)).size).toBe(1)
    }
  })

  test('a provider that is new to an account is linked by sign-ins at once, and each gets in', async () => {
    for (const round of [1, 2, 3, 4, 5, 6]) {
      const email = unique('joined')
      await signUp(email)
      await confirm(email)
      idp.account = { sub: `join-${round}`, email, email_verified: true }
      const all = await Promise.all(Array.from({ length: 6 }, () => signInWith(new BrowserClient(), base, PROVIDER)))
      expect(all.map(({ landed }) => landed.searchParams.get('error'))).toEqual(Array(6).fill(null))
      expect(new Set(all.map(({ session }) => session?.body.user_id)).size).toBe(1)
    }
  })
})

describe('linking and unlinking', () => {
  const linkStart = (token: string, challenge: string) =>
    call(`${base}/identities/${PROVIDER}/start`, { token, body: { redirect_to: APP_CALLBACK, code_challenge: challenge } })

  test('a signed-in user links a provider, signs in with it, and may not remove the last way in', async () => {
    const email = unique('linker')
    const { access_token: token, user_id: userId } = (await call(`${base}/signup`, { body: { email, password: PASSWORD } })).body
    idp.account = { sub: 'linked-1', email: unique('elsewhere'), email_verified: true }
    const key = proofKey()
    const { url } = (await linkStart(token, key.challenge)).body
    const code = (await new BrowserClient().travel(url, atApp)).searchParams.get('code')
    expect(await fixture.owner.query('select 1 from auth.identity where end_user_id = $1', [userId])).toEqual([])
    expect((await call(`${base}/token/exchange`, { body: { code, code_verifier: key.verifier } })).status).toBe(400)
    const done = await call(`${base}/identities/complete`, { token, body: { code, code_verifier: key.verifier } })
    expect(done.body).toMatchObject({ ok: true, identity: { provider: PROVIDER, subject: 'linked-1' } })
    expect((await signInWith(new BrowserClient(), base, PROVIDER)).session!.body.user_id).toBe(userId)
    expect((await call(`${base}/identities/${PROVIDER}`, { method: 'DELETE', token })).body).toEqual({ ok: true })
    expect((await call(`${base}/identities/${PROVIDER}`, { method: 'DELETE', token })).status).toBe(404)
    // A user who came by the provider alone has no other way in.
    idp.account = { sub: 'only-1', email: unique('only'), email_verified: true }
    const only = (await signInWith(new BrowserClient(), base, PROVIDER)).session!.body.access_token
    const refused = await call(`${base}/identities/${PROVIDER}/only-1`, { method: 'DELETE', token: only })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'last_way_in'])
  })

  test('a ticket that somebody else follows links nothing to anybody', async () => {
    const attacker = (await call(`${base}/signup`, { body: { email: unique('attacker'), password: PASSWORD } })).body
    const victim = (await call(`${base}/signup`, { body: { email: unique('victim'), password: PASSWORD } })).body
    const key = proofKey()
    const { url } = (await linkStart(attacker.access_token, key.challenge)).body
    idp.account = { sub: 'victims-account', email: unique(), email_verified: true }
    const code = (await new BrowserClient().travel(url, atApp)).searchParams.get('code')
    // It lands in the victim's app, which has neither the verifier nor the attacker's session.
    expect(
      (await call(`${base}/identities/complete`, { token: victim.access_token, body: { code, code_verifier: proofKey().verifier } }))
        .status,
    ).toBe(400)
    expect(
      (await call(`${base}/identities/complete`, { token: attacker.access_token, body: { code, code_verifier: key.verifier } })).status,
    ).toBe(400)
    expect(await fixture.owner.query(`select 1 from auth.identity where subject = 'victims-account'`)).toEqual([])
    expect((await new BrowserClient().open(url.replace(/ticket=.{10}/, 'ticket=AAAAAAAAAA'))).status).toBe(400)
  })

  test('an account of the provider belongs to one user', async () => {
    idp.account = { sub: 'taken-1', email: unique('first'), email_verified: true }
    await signInWith(new BrowserClient(), base, PROVIDER)
    const second = (await call(`${base}/signup`, { body: { email: unique('second'), password: PASSWORD } })).body
    const key = proofKey()
    const { url } = (await linkStart(second.access_token, key.challenge)).body
    const code = (await new BrowserClient().travel(url, atApp)).searchParams.get('code')
    const refused = await call(`${base}/identities/complete`, { token: second.access_token, body: { code, code_verifier: key.verifier } })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'identity_taken'])
  })
})

describe('invitations', () => {
  test('the invited person continues with a provider on our page, whatever its address, and signs in with it from then on', async () => {
    const email = unique('invited')
    const invited = (await fixture.control.call('POST', `projects/${project.id}/users/invite`, { email })).body.data
    const link = await fixture.mailedLink(email, /invited/)
    const browser = new BrowserClient()
    const page = await browser.open(link)
    expect(page.text).toContain('Continue with acme')
    idp.account = { sub: 'invited-1', email: unique('private'), email_verified: false }
    const token = link.searchParams.get('token')!
    const pressed = await browser.open(`${base}/mail/invitation/${PROVIDER}`, { form: { token } })
    expect(pressed.status).toBe(302)
    const callback = await browser.travel(pressed.location!, (url) => url.pathname.endsWith('/callback'))
    const done = await browser.open(callback)
    expect([done.status, done.text.includes('Your account is ready')]).toEqual([200, true])
    const session = (await signInWith(new BrowserClient(), base, PROVIDER)).session!
    expect(session.body.user).toMatchObject({ id: invited.id, email, email_verified: true })
    const again = await browser.open(`${base}/mail/invitation/${PROVIDER}`, { form: { token } })
    const second = await browser.open(await browser.travel(again.location!, (url) => url.pathname.endsWith('/callback')))
    expect([second.status, second.text.includes('This link was used already.')]).toEqual([400, true])
  })
})

test('a flow that begins on a custom domain moves to the address that providers know, with its query', async () => {
  const hostname = `login-${project.uuid.slice(0, 8)}.example.net`
  await fixture.owner.query(
    `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, created_at) values ($1, gen_random_uuid(), $2, 'x', now(), now())`,
    [project.uuid, hostname],
  )
  const path = startUrl('', PROVIDER, proofKey(), { state: 'kept' })
  const location = await new Promise<string | undefined>((done, fail) => {
    request(`${fixture.dataUrl}${path}`, { headers: { host: hostname } }, (answer) => {
      answer.resume()
      done(answer.headers.location)
    })
      .on('error', fail)
      .end()
  })
  expect(location).toBe(`${base}${path}`)
})

describe('off, wrong or away', () => {
  test('an off or unknown provider is 403, a wrong redirect or a missing proof key 422', async () => {
    for (const provider of ['google', 'oidc:other', 'myspace']) {
      const answer = await call(startUrl(base, provider, proofKey()))
      expect([answer.status, answer.body.error.code]).toEqual([403, 'provider_not_enabled'])
    }
    for (const lookalike of [
      'https://app.example.evil.com/auth/callback',
      'https://app.example/auth/callback/',
      'https://app.example@evil.com/auth/callback',
      'http://app.example/auth/callback',
      'https://a.b.preview.example.com/cb',
      'https://app.example/auth/callback#x',
      'javascript:alert(1)',
    ]) {
      const answer = await call(startUrl(base, PROVIDER, proofKey(), { redirect_to: lookalike }))
      expect([lookalike, answer.status, answer.body.error.details?.[0]?.field]).toEqual([lookalike, 422, 'redirect_to'])
    }
    expect((await call(startUrl(base, PROVIDER, proofKey(), { redirect_to: 'https://pr-7.preview.example.com/cb' }))).status).toBe(302)
    expect((await call(`${base}/oauth/${PROVIDER}/start?redirect_to=${encodeURIComponent(APP_CALLBACK)}`)).status).toBe(422)
    expect((await call(startUrl(base, PROVIDER, proofKey(), { code_challenge_method: 'plain' }))).status).toBe(422)
  })

  test('the test call tells a wrong pair from a provider that is away, and the secret is never answered', async () => {
    const { id } = await fixture.project(['email'])
    const path = `projects/${id}/auth/providers/${PROVIDER}`
    expect((await fixture.control.call('GET', path)).body.data).toMatchObject({
      configured: false,
      enabled: false,
      redirect_uri: expect.stringMatching(/\/oauth\/oidc:acme\/callback$/),
    })
    expect((await fixture.control.call('PUT', path, { client_id: 'x', issuer: idp.issuer })).status).toBe(422)
    const put = await configure(id)
    expect(put.text).not.toContain(idp.clientSecret)
    const test = () => fixture.control.call('POST', `${path}/test`)
    expect((await test()).body.data).toMatchObject({ ok: true, issuer: idp.issuer })
    await configure(id, { client_secret: 'wrong' })
    const wrong = await test()
    expect([wrong.status, wrong.body.error.code, wrong.body.error.details[0].field]).toEqual([422, 'provider_test_failed', 'client_secret'])
    await configure(id, { issuer: 'http://127.0.0.1:1' })
    expect((await test()).status).toBe(503)
    // Without the secret nobody may turn the stored one to another address.
    expect((await fixture.control.call('PUT', path, { client_id: idp.clientId, issuer: 'https://evil.example' })).status).toBe(422)
    expect((await fixture.control.call('GET', path)).text).not.toContain('wrong')
    expect((await fixture.control.call('DELETE', path)).body.data.configured).toBe(false)
    const [row] = await fixture.owner.query<{ secret: string }>(
      `select encode(secret_sealed, 'escape') as secret from auth.provider_config where project_id = $1`,
      [project.uuid],
    )
    expect(row!.secret).not.toContain(idp.clientSecret)
  })

  test('a provider that hangs answers 503 within five seconds, before and after the login there; passwords do not notice', async () => {
    const slow = await fixture.project(['email', PROVIDER])
    const hanging = await startOidcServer([`${slow.base}/oauth/${PROVIDER}/callback`])
    await configure(slow.id, { issuer: hanging.issuer })
    hanging.account = { sub: 'slow-1', email: unique(), email_verified: true }
    const browser = new BrowserClient()
    const callback = await browser.travel(startUrl(slow.base, PROVIDER, proofKey()), (url) => url.pathname.endsWith('/callback'))
    hanging.delayMs = Infinity
    const timed = async <T>(work: Promise<T>): Promise<[T, boolean]> => {
      const from = performance.now()
      return [await work, performance.now() - from < 5_000]
    }
    const [[back, intime], [login, fast]] = await Promise.all([
      timed(browser.open(callback)),
      timed(call(`${slow.base}/login`, { body: { email: unique(), password: PASSWORD } })),
    ])
    expect([back.status, intime, back.headers.get('retry-after')]).toEqual([503, true, '5'])
    expect([login.status, fast]).toEqual([401, true])
    const away = await fixture.project(['email', PROVIDER])
    await configure(away.id, { issuer: hanging.issuer.replace('127.0.0.1', 'localhost') })
    const [start, startInTime] = await timed(call(startUrl(away.base, PROVIDER, proofKey())))
    expect([start.status, startInTime, start.body.error.code]).toEqual([503, true, 'unavailable'])
    await hanging.close()
  })
})
