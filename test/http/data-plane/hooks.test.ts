import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { verifyHook, type HookAnswer } from '../../../libs/sdk-js/verify-hook.js'
import { SoftwarePasskey } from '../../isolation/software-passkey.js'
import { BrowserClient } from '../../support/browser-client.js'
import { call, type Answer } from '../../support/data-plane.js'
import type { FakeMail } from '../../support/fake-resend.js'
import { startFakeIssuer, type FakeIssuer } from '../../support/fake-issuer.js'
import { PASSWORD, proofKey, startSignInFixture, startUrl, unique, type SignInFixture } from '../../support/sign-in-fixture.js'
import { startReceiver, verifyWithTheirs, type Received } from '../../support/webhook-receiver.js'

const PROVIDER = 'oidc:fake'
const RP = 'app.example.org'
const HOOKS = ['before_sign_up', 'before_sign_in', 'before_password_change', 'token_claims'] as const
let fixture: SignInFixture
let issuer: FakeIssuer
let receiver: Awaited<ReturnType<typeof startReceiver>>
let project: Awaited<ReturnType<SignInFixture['project']>>
let base: string
const secrets: Record<string, string> = {}
/** What the app answers, by hook; allow, where nothing is said. */
let answers: Record<string, ((one: Received) => unknown) | undefined> = {}

beforeAll(async () => {
  fixture = await startSignInFixture()
  issuer = await startFakeIssuer()
  await issuer.addKey()
  receiver = await startReceiver((one) => {
    const said = answers[one.message.type]?.(one) ?? { decision: 'allow' }
    return said === 'hang' ? 'hang' : { status: 200, body: typeof said === 'string' ? said : JSON.stringify(said) }
  })
  project = await fixture.project(['email', 'magic_link', 'email_otp', 'passkey', PROVIDER], { mfa: 'optional', site_url: `https://${RP}` })
  base = project.base
  const provider = { client_id: issuer.clientId, client_secret: issuer.clientSecret, issuer: issuer.issuer }
  expect((await fixture.control.call('PUT', `projects/${project.id}/auth/providers/${PROVIDER}`, provider)).status).toBe(200)
  for (const hook of HOOKS) secrets[hook] = (await set(hook, { url: receiver.url })).body.data.secret
})
afterAll(async () => {
  await issuer?.close()
  await receiver?.close()
  await fixture?.close()
})
beforeEach(() => {
  answers = {}
  receiver.received.length = 0
  issuer.reset()
  issuer.keySet = ([first]) => ({ keys: [first] })
})

const set = (hook: string, body: object, id = project.id) => fixture.control.call('PUT', `projects/${id}/hooks/${hook}`, body)
const say = (hook: string, answer: HookAnswer | 'hang' | string) => (answers[hook] = () => answer)
const asked = () => receiver.types()
const codeIn = (mail: FakeMail) => /^ {4}(\d{6})$/m.exec(mail.text)![1]!
const tokenIn = (mail: FakeMail) => /token=([\w-]{43})/.exec(mail.text)![1]!
const mailTo = (email: string, subject: RegExp) =>
  fixture.resend.waitForMail((mail) => mail.to.includes(email) && subject.test(mail.subject))
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
const signUp = (email = unique()) => call(`${base}/signup`, { body: { email, password: PASSWORD } })
const person = async () => {
  const email = unique()
  const made = await signUp(email)
  expect(made.status, made.text).toBe(201)
  receiver.received.length = 0
  return { email, userId: made.body.user_id as string, token: made.body.access_token as string, refresh: made.body.refresh_token as string }
}

async function withMail(email: string, how: 'link' | 'code'): Promise<Answer> {
  await call(`${base}/${how === 'link' ? 'magic-link' : 'email/start'}`, { body: { email } })
  const mail = await mailTo(email, /[Ss]ign in|code/)
  if (how === 'link') return call(`${base}/magic-link/confirm`, { body: { token: tokenIn(mail) } })
  return call(`${base}/email/verify`, { body: { email, code: codeIn(mail) } })
}
async function withProvider(email: string, subject: string): Promise<Answer> {
  issuer.idToken = { sub: subject, email, email_verified: true }
  const browser = new BrowserClient()
  const key = proofKey()
  const start = await browser.open(startUrl(base, PROVIDER, key))
  issuer.nonce = start.location!.searchParams.get('nonce')
  const state = start.location!.searchParams.get('state')!
  const back = await browser.open(`${base}/oauth/${PROVIDER}/callback?${new URLSearchParams({ code: 'code-1', state })}`)
  const refused = back.location!.searchParams.get('error')
  if (refused !== null) return { status: 403, headers: new Headers(), text: refused, body: { error: { code: refused } } }
  return call(`${base}/token/exchange`, { body: { code: back.location!.searchParams.get('code'), code_verifier: key.verifier } })
}
async function withPasskey(who: Awaited<ReturnType<typeof person>>): Promise<() => Promise<Answer>> {
  const passkey = new SoftwarePasskey(RP, `https://${RP}`)
  const options = await call(`${base}/webauthn/register/options`, { body: { password: PASSWORD }, token: who.token })
  const credential = passkey.create(options.body.challenge)
  expect((await call(`${base}/webauthn/register/verify`, { body: { credential }, token: who.token })).status).toBeLessThan(300)
  return async () => {
    const { body } = await call(`${base}/webauthn/authenticate/options`, { body: {} })
    return call(`${base}/webauthn/authenticate/verify`, { body: { credential: passkey.get(body.challenge, who.userId) } })
  }
}
async function invited(email: string): Promise<Answer> {
  expect((await fixture.control.call('POST', `projects/${project.id}/users/invite`, { email })).status).toBeLessThan(300)
  const mail = await mailTo(email, /invit/i)
  return call(`${base}/invitation/accept`, { body: { token: tokenIn(mail), password: PASSWORD } })
}

/** Every way to get a session; each is prepared while the app says yes, and answers the sign-in itself. */
const WAYS_IN: Record<string, () => Promise<() => Promise<Answer>>> = {
  'sign-up': async () => () => signUp(),
  password: async () => {
    const { email } = await person()
    return () => call(`${base}/login`, { body: { email, password: PASSWORD } })
  },
  'mailed code': async () => {
    const { email } = await person()
    return () => withMail(email, 'code')
  },
  'magic link': async () => {
    const { email } = await person()
    return () => withMail(email, 'link')
  },
  'new address by magic link': async () => () => withMail(unique(), 'link'),
  passkey: async () => withPasskey(await person()),
  provider: async () => () => withProvider(unique(), `s-${unique()}`),
  invitation: async () => () => invited(unique()),
}

describe('before_sign_in', () => {
  test.each(Object.entries(WAYS_IN))('%s asks, and a no is a no, in the app’s words', async (_way, prepare) => {
    const signIn = await prepare()
    receiver.received.length = 0
    say('before_sign_in', { decision: 'deny', message: 'Members only.' })
    const refused = await signIn()
    const said = expect.objectContaining({ code: 'refused_by_app', message: 'Members only.' })
    expect([refused.status, refused.body.error]).toEqual([403, said])
    expect(asked().filter((type) => type === 'before_sign_in')).toHaveLength(1)
    expect(asked()).not.toContain('token_claims')
    answers = {}
    const again = await (await prepare())()
    expect(again.status, again.text).toBeLessThan(300)
    expect(again.body.access_token).toBeTruthy()
  })

  test('a refresh does not ask', async () => {
    const { refresh } = await person()
    say('before_sign_in', { decision: 'deny' })
    expect((await call(`${base}/refresh`, { body: { refresh_token: refresh } })).status).toBe(200)
    expect(asked()).toEqual([])
  })

  test('is told who, how and from where, signed as Standard Webhooks says; nothing of it is a secret', async () => {
    const { email, userId } = await person()
    await call(`${base}/login`, { body: { email, password: PASSWORD }, headers: { 'user-agent': 'Browser/1' } })
    const one = receiver.received.find(({ message }) => message.type === 'before_sign_in')!
    verifyWithTheirs(one, secrets['before_sign_in']!)
    const question = await verifyHook({ headers: one.headers, body: one.body }, secrets['before_sign_in']!)
    const about = { email, amr: ['pwd'], user_agent: 'Browser/1', user: { id: userId, email } }
    expect(question).toMatchObject({ projectId: project.id, data: about })
    expect(one.body).not.toMatch(/argon2|battery|refresh/)
    await expect(verifyHook({ headers: one.headers, body: `${one.body} ` }, secrets['before_sign_in']!)).rejects.toThrow('No signature')
  })
})

describe('before_sign_up', () => {
  const ways = { 'sign-up': signUp, 'magic link': (e: string) => withMail(e, 'link'), 'mailed code': (e: string) => withMail(e, 'code') }
  test.each([...Object.entries(ways), ['provider', (email: string) => withProvider(email, `s-${email}`)] as const])(
    '%s asks before the account is there, and keeps what the app says of it',
    async (_way, way) => {
      const text = 'select app_metadata from auth.end_user where project_id = $1 and email = $2'
      const there = async (email: string) =>
        (await fixture.owner.query<{ app_metadata: unknown }>(text, [project.uuid, email]))[0]
      const unwanted = unique('unwanted')
      say('before_sign_up', { decision: 'deny', message: 'No.' })
      expect((await way(unwanted)).status).toBe(403)
      expect(await there(unwanted)).toBeUndefined()
      say('before_sign_up', { decision: 'allow', app_metadata: { plan: 'free' } })
      const wanted = unique('wanted')
      const made = await way(wanted)
      expect(made.status, made.text).toBeLessThan(300)
      expect((await there(wanted))!.app_metadata).toEqual({ plan: 'free' })
      const question = receiver.received.findLast(({ message }) => message.type === 'before_sign_up')!
      expect(question.message.data).toMatchObject({ email: wanted })
      expect(asked().filter((type) => type === 'before_sign_up')).toHaveLength(2)
    },
  )

  test('a link whose sign-up was refused is not spent: a later yes takes it', async () => {
    const email = unique()
    await call(`${base}/magic-link`, { body: { email } })
    const token = tokenIn(await mailTo(email, /[Ss]ign in/))
    say('before_sign_up', { decision: 'deny' })
    expect((await call(`${base}/magic-link/confirm`, { body: { token } })).status).toBe(403)
    answers = {}
    expect((await call(`${base}/magic-link/confirm`, { body: { token } })).status).toBe(200)
  })
})

describe('before_password_change', () => {
  test('change, reset, invitation and operator ask; a no leaves the password', async () => {
    const { email, token, userId } = await person()
    const next = 'another horse battery 9!'
    const change = () => call(`${base}/password`, { body: { current_password: PASSWORD, password: next }, token })
    say('before_password_change', { decision: 'deny', message: 'Not on Sundays.' })
    expect((await change()).body.error).toMatchObject({ code: 'refused_by_app', message: 'Not on Sundays.' })
    await call(`${base}/password-reset`, { body: { email } })
    const reset = tokenIn(await mailTo(email, /[Pp]assword/))
    const confirm = () => call(`${base}/password-reset/confirm`, { body: { token: reset, password: next } })
    expect((await confirm()).status).toBe(403)
    expect((await invited(unique())).status).toBe(403)
    const byOperator = await fixture.control.call('PATCH', `projects/${project.id}/users/${userId}`, { password: next })
    expect([byOperator.status, byOperator.body.error]).toEqual([403, expect.objectContaining({ message: 'Not on Sundays.' })])
    const reasons = receiver.received.map(({ message }) => message.data.reason as string)
    expect(reasons.filter(Boolean)).toEqual(['changed', 'reset', 'invitation', 'operator'])
    expect(receiver.received.map(({ body }) => body).join('')).not.toContain('battery')
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    answers = {}
    expect((await confirm()).status).toBe(200)
  })
})

describe('token_claims', () => {
  test('claims with a name of the app’s own are in every token of the session, asked once, and are ours', async () => {
    say('token_claims', { decision: 'allow', claims: { 'app:plan': 'pro', 'https://app.example/rights': { read: [1, 2], write: null } } })
    const made = await signUp()
    const expected = { 'app:plan': 'pro', 'https://app.example/rights': { read: [1, 2], write: null } }
    expect(claimsOf(made.body.access_token)).toMatchObject(expected)
    const fresh = await call(`${base}/refresh`, { body: { refresh_token: made.body.refresh_token } })
    expect(claimsOf(fresh.body.access_token)).toMatchObject(expected)
    expect(asked().filter((type) => type === 'token_claims')).toHaveLength(1)
    for (const { body } of [made, fresh]) {
      expect((await call(`${base}/verify`, { body: { token: body.access_token } })).status).toBe(200)
      expect((await call(`${base}/user`, { token: body.access_token })).status).toBe(200)
    }
  })

  test.each<[string, unknown]>([
    ['a registered claim', { decision: 'allow', claims: { sub: 'somebody-else' } }],
    ['a name without a colon', { decision: 'allow', claims: { role: 'admin' } }],
    ['more than 2 KB', { decision: 'allow', claims: { 'app:x': 'y'.repeat(2_100) } }],
    ['another field', { decision: 'allow', extra: 1 }],
    ['no decision', {}],
    ['no JSON', 'yes'],
    ['app_metadata where it has no place', { decision: 'allow', app_metadata: {} }],
    ['an endless answer', `{"decision":"allow","message":"${'x'.repeat(70_000)}"}`],
  ])('%s is no answer: no token, and the session is over', async (_what, answer) => {
    const { email, userId } = await person()
    answers['token_claims'] = () => answer
    const refused = await call(`${base}/login`, { body: { email, password: PASSWORD } })
    expect([refused.status, refused.body.error.code]).toEqual([503, 'unavailable'])
    expect(refused.headers.get('retry-after')).toBe('5')
    const open = await fixture.owner.query('select 1 from auth.session where end_user_id = $1 and ended_at is null', [userId])
    expect(open).toHaveLength(1)
    // So that the circuit does not open for the next one.
    answers = {}
    expect((await call(`${base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
  })
})

describe('an app that does not answer', () => {
  test('on_failure decides; after five failures nobody waits any more, which is told once; an answer closes the circuit', async () => {
    const own = await fixture.project(['email'])
    const dead = await startReceiver(() => 500)
    await set('before_sign_in', { url: dead.url }, own.id)
    const email = unique()
    const attempt = () => call(`${own.base}/signup`, { body: { email: unique(), password: PASSWORD } })
    for (let i = 0; i < 5; i++) expect((await attempt()).status).toBe(503)
    // Each was tried twice.
    expect(dead.received).toHaveLength(10)
    expect(new Set(dead.received.map(({ headers }) => headers['webhook-id'])).size).toBe(5)
    expect((await attempt()).body.error.code).toBe('unavailable')
    expect(dead.received).toHaveLength(10)
    await expect.poll(async () => (await fixture.audit(own.uuid, 'hook.failing')).length).toBe(1)
    expect((await fixture.control.call('GET', `projects/${own.id}/hooks`)).body.data[0].failing_since).not.toBeNull()
    await set('before_sign_in', { on_failure: 'allow' }, own.id)
    await expect.poll(async () => (await call(`${own.base}/signup`, { body: { email, password: PASSWORD } })).status).toBe(201)
    await dead.close()
  })

  test('its project’s sign-ins hang for five seconds at most; others do not wait, no connection is held', { timeout: 30_000 }, async () => {
    const own = await fixture.project(['email'])
    const other = await fixture.project(['email'])
    const hangs = await startReceiver(() => 'hang')
    await set('before_sign_in', { url: hangs.url }, own.id)
    const began = performance.now()
    const hanging = Array.from({ length: 60 }, () => call(`${own.base}/signup`, { body: { email: unique(), password: PASSWORD } }))
    await expect.poll(() => hangs.received.length).toBeGreaterThanOrEqual(40)
    const from = performance.now()
    const email = unique()
    expect((await call(`${other.base}/signup`, { body: { email, password: PASSWORD } })).status).toBe(201)
    for (let i = 0; i < 5; i++) expect((await call(`${other.base}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
    expect(performance.now() - from).toBeLessThan(2_000)
    const busy = await fixture.owner.query(`select 1 from pg_stat_activity where datname = current_database()
      and application_name = 'portico-data-plane' and state like 'idle in transaction%'`)
    expect(busy).toEqual([])
    expect(new Set((await Promise.all(hanging)).map(({ status }) => status))).toEqual(new Set([503]))
    expect(performance.now() - began).toBeLessThan(8_000)
    await hangs.close()
  })
})

test('send_mail hands the rendered mail over, once each, and the provider gets none; a no is the end of it', async () => {
  const own = await fixture.project(['email', 'magic_link'])
  const mailer = await startReceiver(({ message }) => ({
    status: 200, body: JSON.stringify({ decision: message.data.to.startsWith('no') ? 'deny' : 'allow' }),
  }))
  const { secret } = (await set('send_mail', { url: mailer.url }, own.id)).body.data
  const taken = unique('yes')
  await call(`${own.base}/magic-link`, { body: { email: taken } })
  await expect.poll(() => mailer.received.length, { timeout: 10_000 }).toBe(1)
  verifyWithTheirs(mailer.received[0]!, secret)
  const handed = { to: taken, subject: expect.stringContaining('ign in'), from_name: null }
  expect(mailer.received[0]!.message).toMatchObject({ type: 'send_mail', data: handed })
  const refused = unique('no')
  await call(`${own.base}/magic-link`, { body: { email: refused } })
  const text = `select status from auth.outbox where project_id = $1 and payload->>'address' = $2`
  const state = async (address: string) => (await fixture.owner.query<{ status: string }>(text, [own.uuid, address]))[0]?.status
  await expect.poll(() => state(taken), { timeout: 10_000 }).toBe('sent')
  await expect.poll(() => state(refused), { timeout: 10_000 }).toBe('dead')
  expect(fixture.resend.mails.filter((mail) => [taken, refused].some((address) => mail.to.includes(address)))).toEqual([])
  await mailer.close()
})

test.each(['deny', 'allow'])('send_mail without an answer, on_failure %s: the app is asked again, or the provider takes it', async (onFailure) => {
  const own = await fixture.project(['email', 'magic_link'])
  const broken = await startReceiver(() => 500)
  await set('send_mail', { url: broken.url, on_failure: onFailure }, own.id)
  const email = unique('nobody')
  await call(`${own.base}/magic-link`, { body: { email } })
  const text = `select status, last_error from auth.outbox where project_id = $1 and payload->>'address' = $2`
  const row = async () =>
    (await fixture.owner.query<{ status: string; last_error: string | null }>(text, [own.uuid, email]))[0]
  if (onFailure === 'allow') {
    await fixture.resend.waitForMail((mail) => mail.to.includes(email))
    await expect.poll(async () => (await row())?.status, { timeout: 10_000 }).toBe('sent')
  } else {
    await expect.poll(async () => (await row())?.last_error, { timeout: 10_000 }).toContain('hook_unreachable')
    expect((await row())!.status).not.toBe('sent')
    expect(fixture.resend.mails.filter((mail) => mail.to.includes(email))).toEqual([])
  }
  expect(new Set(broken.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  await broken.close()
})

test('of ten who set one hook at once one makes it, and its secret can be replaced', async () => {
  const own = await fixture.project(['email'])
  const answers = await Promise.all(Array.from({ length: 10 }, () => set('token_claims', { url: receiver.url, enabled: false }, own.id)))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(answers.filter(({ body }) => body.data.secret !== null)).toHaveLength(1)
  expect((await fixture.control.call('POST', `projects/${own.id}/hooks/token_claims/secret/rotate`)).status).toBe(200)
})

test('a hook is set, changed, tested, given another secret and removed; inner addresses and unknown hooks are none', async () => {
  const own = await fixture.project(['email'])
  const at = `projects/${own.id}/hooks`
  for (const url of ['https://10.0.0.1/x', 'http://example.com', 'nonsense'])
    expect((await set('before_sign_in', { url }, own.id)).status).toBe(422)
  expect((await set('before_sign_in', { on_failure: 'allow' }, own.id)).status).toBe(422)
  expect((await set('on_thursday', { url: receiver.url }, own.id)).status).toBe(404)
  const made = (await set('before_sign_in', { url: receiver.url }, own.id)).body.data
  expect(made).toMatchObject({ hook: 'before_sign_in', on_failure: 'deny', enabled: true, secret: expect.stringMatching(/^whsec_/) })
  const changed = (await set('before_sign_in', { on_failure: 'allow' }, own.id)).body.data
  expect(changed).toMatchObject({ id: made.id, on_failure: 'allow', secret: null })
  say('before_sign_in', { decision: 'deny', message: 'Test.' })
  const tried = (await fixture.control.call('POST', `${at}/before_sign_in/test`)).body.data
  expect(tried).toEqual({ answered: true, reason: null, decision: 'deny', message: 'Test.' })
  const rotated = (await fixture.control.call('POST', `${at}/before_sign_in/secret/rotate`)).body.data.secret
  await fixture.control.call('POST', `${at}/before_sign_in/test`)
  for (const secret of [made.secret, rotated]) verifyWithTheirs(receiver.received.at(-1)!, secret)
  expect((await fixture.control.call('DELETE', `${at}/before_sign_in`)).status).toBe(200)
  expect((await fixture.control.call('GET', at)).body.data).toEqual([])
  for (const action of ['hook.configured', 'hook.secret_rotated', 'hook.removed'])
    expect((await fixture.audit(own.uuid, action)).length).toBeGreaterThan(0)
})
