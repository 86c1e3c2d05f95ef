import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AuthClient, type AuthStorage, createAuthClient, memoryStorage, type SignInResult } from '../../libs/sdk-app/auth-client.js'
import { emailCode } from '../../libs/sdk-app/email-code.js'
import { magicLink } from '../../libs/sdk-app/magic-link.js'
import { mfa } from '../../libs/sdk-app/mfa.js'
import { social } from '../../libs/sdk-app/social.js'
import { codeAt } from '../support/authenticator-app.js'
import { BrowserClient } from '../support/browser-client.js'
import { startFakeGithub, type FakeGithub } from '../support/fake-github.js'
import { APP_CALLBACK, atApp, PASSWORD, type SignInFixture, startSignInFixture, unique } from '../support/sign-in-fixture.js'

const CLIENT = { id: 'Iv1.client', secret: 'github-secret' }
const caught = (promise: Promise<unknown>) => promise.then(() => null, (error: unknown) => error)

/** Fails the test unless somebody is signed in. */
function signedIn(result: SignInResult | null) {
  if (!result || result.mfaRequired || result.mfaEnrolmentRequired) throw new Error(`not signed in: ${JSON.stringify(result)}`)
  return result
}

let fixture: SignInFixture
const clients: AuthClient[] = []

beforeAll(async () => {
  fixture = await startSignInFixture()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => fixture?.close())

function clientOf(url: string, storage: AuthStorage = memoryStorage()): AuthClient {
  const client = createAuthClient({ url, storage, autoRefresh: false })
  clients.push(client)
  return client
}

const mailedCode = async (email: string, wanted: RegExp = /code/) => {
  const mail = await fixture.resend.waitForMail(
    ({ to, subject, text }) => to.includes(email) && wanted.test(subject) && /^ {4}\d{6}$/m.test(text),
  )
  return /^ {4}(\d{6})$/m.exec(mail.text)?.[1] ?? ''
}

describe('by mail', () => {
  let base: string
  beforeAll(async () => {
    base = (await fixture.project(['email', 'magic_link', 'email_otp'])).base
  })

  test('a link signs in wherever it is opened, once', async () => {
    const email = unique()
    expect(await magicLink(clientOf(base)).send({ email, redirectTo: APP_CALLBACK })).toEqual({ ok: true, delivery: 'queued' })
    const link = await fixture.mailedLink(email, /Sign in/)
    expect(`${link.origin}${link.pathname}`).toBe(APP_CALLBACK)
    const elsewhere = clientOf(base)
    const links = magicLink(elsewhere)
    expect(await links.confirm(APP_CALLBACK)).toBeNull()
    expect(signedIn(await links.confirm(link)).user).toMatchObject({ email, emailVerified: true })
    expect((await elsewhere.getUser()).email).toBe(email)
    expect(await caught(links.confirm({ token: link.searchParams.get('token') ?? '' }))).toMatchObject({ code: 'invalid_or_expired_token' })
  })

  test('a link for the same browser signs in there only', async () => {
    const email = unique()
    const storage = memoryStorage()
    await magicLink(clientOf(base, storage)).send({ email, redirectTo: APP_CALLBACK, sameBrowser: true })
    const link = await fixture.mailedLink(email, /Sign in/)
    expect(link.href).toContain(`${base}/mail/magic_link`)
    const back = await new BrowserClient().open(`${base}/mail/magic_link`, { form: { token: link.searchParams.get('token') ?? '' } })
    expect(await caught(magicLink(clientOf(base)).confirm(back.location ?? ''))).toMatchObject({ code: 'flow_not_found' })
    // The same storage, after the page was left and opened again.
    expect(signedIn(await magicLink(clientOf(base, storage)).confirm(back.location ?? '')).user.email).toBe(email)
    expect(await storage.getItem(`portico.auth:${base}.flows`)).toBeNull()
  })

  test('a link asked for twice while one mail is sent works in the browser that asked', async () => {
    const tight = (await fixture.project(['email', 'magic_link'], { limits: { mail_account: { points: 1, window_seconds: 60 } } })).base
    const email = unique()
    const storage = memoryStorage()
    const ask = () => magicLink(clientOf(tight, storage)).send({ email, redirectTo: APP_CALLBACK, sameBrowser: true })
    for (let times = 0; times < 2; times += 1) expect(await ask()).toEqual({ ok: true, delivery: 'queued' })
    const link = await fixture.mailedLink(email, /Sign in/)
    const back = await new BrowserClient().open(`${tight}/mail/magic_link`, { form: { token: link.searchParams.get('token') ?? '' } })
    expect(signedIn(await magicLink(clientOf(tight, storage)).confirm(back.location ?? '')).user.email).toBe(email)
  })

  test('in an address that has fields of the same names, ours come last', async () => {
    const own = `${APP_CALLBACK}?type=business&token=own&code=PROMO&next=%2fhome`
    const at = (await fixture.project(['email', 'magic_link'], { redirect_urls: [own] })).base
    const email = unique()
    await magicLink(clientOf(at)).send({ email })
    const link = (await fixture.mailedLink(email, /Sign in/)).href
    expect(link.startsWith(`${own}&type=magic_link&token=`)).toBe(true)
    expect(signedIn(await magicLink(clientOf(at)).confirm(link)).user.email).toBe(email)
  })

  test('a code signs in once', async () => {
    const email = unique()
    const codes = emailCode(clientOf(base))
    await codes.send({ email })
    const code = await mailedCode(email)
    expect(await caught(codes.verify({ email, code: code === '000000' ? '000001' : '000000' }))).toMatchObject({
      code: 'invalid_or_expired_token',
    })
    expect(signedIn(await codes.verify({ email, code })).user.email).toBe(email)
    expect(await caught(codes.verify({ email, code }))).toMatchObject({ code: 'invalid_or_expired_token' })
  })

  test('an unknown address makes no account when it may not, and a method that is off says so', async () => {
    const email = unique()
    expect(await emailCode(clientOf(base)).send({ email, createUser: false })).toEqual({ ok: true, delivery: 'queued' })
    const off = clientOf((await fixture.project(['email'])).base)
    expect(await caught(magicLink(off).send({ email }))).toMatchObject({ code: 'provider_not_enabled' })
    expect(await caught(emailCode(off).send({ email }))).toMatchObject({ code: 'provider_not_enabled' })
  })

  test('an invitation is accepted with a first password', async () => {
    const { id, base: own } = await fixture.project(['email'])
    const email = unique()
    expect((await fixture.control.call('POST', `projects/${id}/users/invite`, { email })).status).toBe(201)
    const link = await fixture.mailedLink(email, /invit/i)
    const client = clientOf(own)
    const token = link.searchParams.get('token') ?? ''
    expect(await caught(client.acceptInvitation({ token, password: 'short' }))).toMatchObject({ code: 'weak_password' })
    expect(signedIn(await client.acceptInvitation({ token, password: PASSWORD })).user.email).toBe(email)
  })
})

describe('with a provider', () => {
  let github: FakeGithub
  let base: string
  beforeAll(async () => {
    github = await startFakeGithub(CLIENT)
    const project = await fixture.project(['email', 'github'])
    base = project.base
    const set = await fixture.control.call('PUT', `projects/${project.id}/auth/providers/github`, {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      base_url: github.url,
    })
    expect(set.status).toBe(200)
  })
  afterAll(() => github?.close())

  function person(id: number): string {
    const email = unique('octo')
    github.user = { id, login: `octo${id}`, name: null, email: null }
    github.emails = [{ email, primary: true, verified: true }]
    return email
  }

  test('there and back: the code is worth a session in this browser, once', async () => {
    const email = person(1)
    const storage = memoryStorage()
    const opened: string[] = []
    const url = await social(clientOf(base, storage)).start('github', { redirectTo: APP_CALLBACK, open: (target) => opened.push(target) })
    expect(opened).toEqual([url])
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256')
    expect(url).not.toContain(
      JSON.parse(String(await storage.getItem(`portico.auth:${base}.flows`)))[new URL(url).searchParams.get('state') ?? ''].verifier,
    )
    const landed = await new BrowserClient().travel(url, atApp)
    expect(await caught(social(clientOf(base)).exchange(landed))).toMatchObject({ code: 'flow_not_found' })
    const client = clientOf(base, storage)
    expect(await social(client).exchange(APP_CALLBACK)).toBeNull()
    const result = await social(client).exchange(landed)
    if (!result || result.linked) throw new Error('a link was not asked for')
    expect(signedIn(result).user.email).toBe(email)
    expect((await client.getSession())?.user.email).toBe(email)
    expect(await caught(social(client).exchange(landed))).toMatchObject({ code: 'flow_not_found' })
  })

  test('two flows at a time do not disturb each other', async () => {
    person(2)
    const storage = memoryStorage()
    const providers = social(clientOf(base, storage))
    const urls = [
      await providers.start('github', { redirectTo: APP_CALLBACK }),
      await providers.start('github', { redirectTo: APP_CALLBACK }),
    ]
    for (const url of urls)
      expect(await providers.exchange(await new BrowserClient().travel(url, atApp))).toMatchObject({ user: expect.any(Object) })
  })

  test('a refusal is an error with its code, and only for a flow of this browser', async () => {
    const providers = social(clientOf(base))
    const url = await providers.start('github', { redirectTo: APP_CALLBACK })
    const back = `${APP_CALLBACK}?error=access_denied&error_description=No.&state=${new URL(url).searchParams.get('state')}`
    expect(await caught(social(clientOf(base)).exchange(back))).toMatchObject({ code: 'flow_not_found' })
    expect(await caught(providers.exchange(back))).toMatchObject({ name: 'PorticoAuthError', code: 'access_denied', message: 'No.' })
  })

  test('links, lists and unlinks; the last way in stays', async () => {
    const email = unique()
    const client = clientOf(base)
    await client.signUp({ email, password: PASSWORD })
    const providers = social(client)
    person(7)
    const url = await providers.link('github', { redirectTo: APP_CALLBACK, password: PASSWORD })
    const result = await providers.exchange(await new BrowserClient().travel(url, atApp))
    expect(result?.linked).toMatchObject({ provider: 'github', subject: '7' })
    expect(await providers.identities()).toEqual([result?.linked])
    expect((await client.getUser()).identities).toHaveLength(1)
    await providers.unlink('github', { subject: '7' })
    expect(await providers.identities()).toEqual([])
    expect(await caught(providers.unlink('github'))).toMatchObject({ code: 'not_found' })
  })
})

describe('second factors', () => {
  let base: string
  beforeAll(async () => {
    base = (await fixture.project(['email', 'email_otp'], { mfa: 'optional' })).base
  })

  /** The next code of the app that the server has not seen: codes work once. */
  const later = (uri: string, steps = 1) => codeAt(uri, new Date(Date.now() + steps * 30_000))
  const acr = async (client: AuthClient) => {
    const checked = await client.verify()
    return checked.valid ? checked.claims.acr : null
  }

  async function withApp(url = base) {
    const client = clientOf(url)
    const email = unique()
    await client.signUp({ email, password: PASSWORD })
    const started = await mfa(client).enrolTotp({ friendlyName: 'Phone' })
    const activated = await mfa(client).activate({ factorId: started.factorId, code: codeAt(started.otpauthUri, new Date()) })
    return { client, email, started, activated }
  }

  test('enrolling raises the session, which lives on with its refresh token', async () => {
    const { client, started, activated } = await withApp()
    expect(started).toMatchObject({
      type: 'totp',
      status: 'unverified',
      secret: expect.any(String),
      qrCode: expect.stringContaining('<svg'),
    })
    expect(activated).toMatchObject({
      factor: { id: started.factorId, status: 'active', friendlyName: 'Phone' },
      recoveryCodes: expect.any(Array),
    })
    expect(activated.recoveryCodes).toHaveLength(10)
    expect(activated.session.refreshToken).toEqual(expect.any(String))
    expect(await client.getSession()).toEqual(activated.session)
    expect(await acr(client)).toBe('aal2')
    expect(await mfa(client).list()).toMatchObject({ factors: [{ id: started.factorId }], recoveryCodesLeft: 10 })
  })

  test('a log-in says that a factor is missing, is no session until then, and a wrong code leaves it waiting', async () => {
    const { email, started } = await withApp()
    const client = clientOf(base)
    const events: string[] = []
    client.onAuthStateChange((event) => event === 'INITIAL_SESSION' || events.push(event))
    const result = await client.logIn({ email, password: PASSWORD })
    if (!result.mfaRequired) throw new Error('no second factor asked for')
    expect(result).toEqual({
      mfaRequired: true,
      mfaToken: expect.any(String),
      expiresIn: expect.any(Number),
      factors: [{ id: started.factorId, type: 'totp', friendlyName: 'Phone' }],
      deviceToken: expect.any(String),
    })
    expect(await client.getSession()).toBeNull()
    expect(events).toEqual([])
    expect(await caught(mfa(client).verify({ mfaToken: result.mfaToken, code: 'wrong' }))).toMatchObject({ code: 'invalid_code' })
    const session = await mfa(client).verify({ mfaToken: result.mfaToken, code: later(started.otpauthUri) })
    expect(session).toMatchObject({ user: { email }, refreshToken: expect.any(String) })
    expect(events).toEqual(['SIGNED_IN'])
    expect(await acr(client)).toBe('aal2')
  })

  test('every way in asks for it; a recovery code does as well, once', async () => {
    const { client: first, email, activated } = await withApp()
    // Else the code, as the first proof of the address, would take away what a stranger may have set up before.
    expect((await first.confirmEmail({ email, code: await mailedCode(email, /onfirm/) })).emailVerified).toBe(true)
    const [recovery = ''] = activated.recoveryCodes ?? []
    const client = clientOf(base)
    await emailCode(client).send({ email })
    const result = await emailCode(client).verify({ email, code: await mailedCode(email) })
    if (!result.mfaRequired) throw new Error('no second factor asked for')
    await mfa(client).verify({ mfaToken: result.mfaToken, code: recovery })
    expect((await mfa(client).list()).recoveryCodesLeft).toBe(9)
    const again = await client.logIn({ email, password: PASSWORD })
    expect(again.mfaRequired && (await caught(mfa(client).verify({ mfaToken: again.mfaToken, code: recovery })))).toMatchObject({
      code: 'invalid_code',
    })
  })

  test('a fresh factor in a live session: what is missing, the step up, and a refresh that does not undo it', async () => {
    const { client, started } = await withApp()
    expect(await mfa(client).challenge({ maxAge: 600 })).toMatchObject({ mfaRequired: false, acr: 'aal2' })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect(await mfa(client).challenge({ maxAge: 1 })).toMatchObject({ mfaRequired: true, factors: [{ id: started.factorId }] })
    const before = await client.getSession()
    const after = await mfa(client).stepUp({ code: later(started.otpauthUri) })
    expect(after.refreshToken).toBe(before?.refreshToken)
    expect(after.accessToken).not.toBe(before?.accessToken)
    expect(await client.getSession()).toEqual(after)
  })

  test('codes are replaced, the app is removed', async () => {
    const { client, started, activated } = await withApp()
    const codes = await mfa(client).replaceRecoveryCodes()
    expect(codes).toHaveLength(10)
    expect(codes).not.toEqual(activated.recoveryCodes)
    await mfa(client).remove(started.factorId)
    expect(await mfa(client).list()).toEqual({ factors: [], recoveryCodesLeft: 0 })
  })

  test('where every user needs one, signing up and in lead to enrolment, and that to the session', async () => {
    const { base: strict } = await fixture.project(['email'], { mfa: 'required' })
    const client = clientOf(strict)
    const email = unique()
    const signedUp = await client.signUp({ email, password: PASSWORD })
    expect(signedUp.session).toBeNull()
    expect(await client.getSession()).toBeNull()
    const result = await client.logIn({ email, password: PASSWORD })
    if (!result.mfaEnrolmentRequired) throw new Error('no enrolment asked for')
    const { mfaToken } = result
    const started = await mfa(client).enrolTotp({ mfaToken })
    const { session, recoveryCodes } = await mfa(client).activate({
      factorId: started.factorId,
      code: codeAt(started.otpauthUri, new Date()),
      mfaToken,
    })
    expect(recoveryCodes).toHaveLength(10)
    expect(session).toMatchObject({ user: { email }, refreshToken: expect.any(String) })
    expect((await client.getUser()).email).toBe(email)
  })
})
