import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { Raw, startFakeIssuer, type FakeIssuer, type Json } from '../../support/fake-issuer.js'
import {
  APP_CALLBACK,
  PASSWORD,
  proofKey,
  startSignInFixture,
  startUrl,
  unique,
  type SignInFixture,
} from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let issuer: FakeIssuer
let project: Awaited<ReturnType<SignInFixture['project']>>
const PROVIDER = 'oidc:fake'

beforeAll(async () => {
  fixture = await startSignInFixture()
  project = await fixture.project(['email', PROVIDER, 'gitlab'])
  issuer = await startFakeIssuer()
  await issuer.addKey()
  expect((await configure()).status).toBe(200)
})
afterAll(async () => {
  await issuer?.close()
  await fixture?.close()
})
beforeEach(() => {
  issuer.reset()
  issuer.keySet = ([first]) => ({ keys: [first] })
})

const configure = (fields: Json = {}, provider = PROVIDER, id = project.id) =>
  fixture.control.call('PUT', `projects/${id}/auth/providers/${provider}`, {
    client_id: issuer.clientId,
    client_secret: issuer.clientSecret,
    issuer: issuer.issuer,
    ...fields,
  })

/** One sign-in, the test playing provider and browser; `fields` come back with the browser, as a form when they are posted. */
async function signIn({
  provider = PROVIDER,
  fields = {},
  posted = false,
}: { provider?: string; fields?: Record<string, string>; posted?: boolean } = {}) {
  const browser = new BrowserClient()
  const key = proofKey()
  const start = await browser.open(startUrl(project.base, provider, key))
  expect(start.status).toBe(302)
  issuer.nonce = start.location!.searchParams.get('nonce')
  const answer = { ...('error' in fields ? {} : { code: 'code-1' }), state: start.location!.searchParams.get('state')!, ...fields }
  const callback = `${project.base}/oauth/${provider}/callback`
  const back = posted ? await browser.open(callback, { form: answer }) : await browser.open(`${callback}?${new URLSearchParams(answer)}`)
  const code = back.location?.searchParams.get('code')
  const session = code ? await call(`${project.base}/token/exchange`, { body: { code, code_verifier: key.verifier } }) : null
  return { back, error: back.location?.searchParams.get('error') ?? null, session }
}

const identityOf = async (subject: string) =>
  (
    await fixture.owner.query<{ email: string; email_verified: boolean; profile: Json }>(
      'select email, email_verified, profile from auth.identity where project_id = $1 and subject = $2',
      [project.uuid, subject],
    )
  )[0]
const lastRefusal = async () => (await fixture.audit(project.uuid, 'sign_in.refused')).at(-1)!.metadata

describe('what vouches', () => {
  test('an address of user info that the ID token vouches for joins no account', async () => {
    const email = unique('victim')
    await call(`${project.base}/signup`, { body: { email, password: PASSWORD } })
    const link = await fixture.mailedLink(email, /Confirm/)
    await call(`${project.base}/email/confirm`, { body: { token: link.searchParams.get('token') } })
    issuer.idToken = { sub: 'attacker', email_verified: true }
    issuer.userInfo = { sub: 'attacker', email, email_verified: false }
    expect((await signIn()).error).toBe('email_not_verified')
    expect(await identityOf('attacker')).toBeUndefined()
    // The same address, vouched for where it stands, joins.
    issuer.userInfo = { sub: 'attacker', email, email_verified: true, name: 'Ada' }
    expect((await signIn()).session!.body.user).toMatchObject({ email, email_verified: true })
    expect(await identityOf('attacker')).toEqual({ email, email_verified: true, profile: { name: 'Ada' } })
  })
})

describe('an address that cannot be read', () => {
  test.each([
    [401, 'email_missing'],
    [403, 'email_missing'],
    [404, 'email_missing'],
    [429, 'temporarily_unavailable'],
    [500, 'temporarily_unavailable'],
    [503, 'temporarily_unavailable'],
  ])('user info answers %i: who is linked gets in, who is new hears %s', async (status, reason) => {
    const sub = `unread-${status}`
    const email = unique('unread')
    issuer.idToken = { sub }
    issuer.userInfo = { sub, email, email_verified: true, name: 'Ada' }
    const first = await signIn()
    issuer.userInfo = new Raw(status)
    const again = await signIn()
    expect(again.session).toMatchObject({ status: 200, body: { user: { id: first.session!.body.user_id, email, email_verified: true } } })
    // What was known stays known.
    expect(await identityOf(sub)).toEqual({ email, email_verified: true, profile: { name: 'Ada' } })
    issuer.idToken = { sub: `${sub}-new` }
    const stranger = await signIn()
    // Of a provider that is away our own page says so, and leads back to the app with the same word.
    if (reason === 'email_missing') expect(stranger.error).toBe(reason)
    else expect([stranger.back.status, stranger.back.text]).toEqual([503, expect.stringContaining(`error=${reason}`)])
    expect(await lastRefusal()).toMatchObject({ reason, detail: `user info answered ${status}` })
    expect(await identityOf(`${sub}-new`)).toBeUndefined()
  })
})

describe('an identity whose provider did not vouch at first', () => {
  /** An account made by a provider that does not vouch, and a password that somebody put on it since. */
  async function unproven() {
    const sub = unique('later')
    const email = unique('later')
    issuer.idToken = { sub }
    issuer.userInfo = { sub, email, email_verified: false }
    const { session } = await signIn()
    expect(session!.body.user).toMatchObject({ email, email_verified: false })
    const userId = session!.body.user_id as string
    await fixture.owner.query(`update auth.end_user set password_hash = 'planted' where project_id = $1 and id = $2`, [project.uuid, userId])
    const left = async () => {
      const [row] = await fixture.owner.query<{ password: boolean; verified: boolean; identities: number; sessions: number }>(
        `select password_hash is not null as password, email_verified_at is not null as verified,
          (select count(*)::int from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id) as identities,
          (select count(*)::int from auth.session s where s.project_id = u.project_id and s.end_user_id = u.id and s.ended_at is null) as sessions
          from auth.end_user u where project_id = $1 and id = $2`,
        [project.uuid, userId],
      )
      return row
    }
    return { sub, email, userId, left }
  }

  test('proves the address once the provider vouches for it, and nothing that was on the account before stays', async () => {
    const { sub, email, userId, left } = await unproven()
    issuer.userInfo = { sub, email, email_verified: true }
    const { session } = await signIn()
    expect(session!.body.user).toMatchObject({ id: userId, email, email_verified: true })
    expect(await left()).toEqual({ password: false, verified: true, identities: 1, sessions: 1 })
    expect((await fixture.audit(project.uuid, 'user.email_confirmed')).at(-1)!.metadata).toMatchObject({
      method: 'provider',
      removed: { passwords: 1, sessions: 1, identities: 0 },
    })
  })

  test.each<[string, (email: string) => Json]>([
    ['another address', () => ({ email: unique('another'), email_verified: true })],
    ['the address without vouching', (email) => ({ email, email_verified: false })],
    ['the address in a list', (email) => ({ emails: [email], email_verified: true })],
    ['no address', () => ({ email_verified: true })],
  ])('proves nothing by %s', async (_what, claims) => {
    const { sub, email, userId, left } = await unproven()
    issuer.userInfo = { sub, ...claims(email) }
    expect((await signIn()).session!.body.user).toMatchObject({ id: userId, email, email_verified: false })
    expect(await left()).toEqual({ password: true, verified: false, identities: 1, sessions: 2 })
  })
})

describe('the name that is posted once', () => {
  test('is kept, is not overwritten by another post, and brings no address', async () => {
    const email = unique('apple')
    issuer.idToken = { sub: 'apple-1', email, email_verified: 'true' }
    const user = (name: string) => JSON.stringify({ name: { firstName: name, lastName: 'Lovelace' }, email: 'victim@example.com' })
    const first = await signIn({ posted: true, fields: { user: user('Ada') } })
    expect(first.session!.body.user).toMatchObject({ email, email_verified: true })
    expect(await identityOf('apple-1')).toEqual({ email, email_verified: true, profile: { name: 'Ada Lovelace' } })
    expect((await signIn({ posted: true })).session!.status).toBe(200)
    expect((await signIn({ posted: true, fields: { user: user('Mallory') } })).session!.status).toBe(200)
    expect((await identityOf('apple-1'))!['profile']).toEqual({ name: 'Ada Lovelace' })
    // What the provider signs is newer than what was kept.
    issuer.idToken = { ...issuer.idToken, name: 'Ada King' }
    await signIn({ posted: true })
    expect((await identityOf('apple-1'))!['profile']).toEqual({ name: 'Ada King' })
    issuer.idToken = { sub: 'apple-2' }
    expect((await signIn({ posted: true, fields: { user: user('Eve') } })).error).toBe('email_missing')
  })
})

describe('hostile text', () => {
  const HOSTILE = {
    name: `${'a'.repeat(511)}😀`,
    preferred_username: 'a\0b\ud83d',
    picture: `https://pics.example/${'a'.repeat(3_000)}`,
    locale: '\0',
  }
  test.each(['idToken', 'userInfo'] as const)('in the %s is stored mended, or not at all', async (place) => {
    const email = unique('hostile')
    const sub = `hostile-${place}`
    issuer.idToken = { sub, ...(place === 'idToken' && { email, ...HOSTILE }) }
    issuer.userInfo = { sub, ...(place === 'userInfo' && { email, ...HOSTILE }) }
    for (const time of ['first', 'second']) expect([time, (await signIn()).session?.status]).toEqual([time, 200])
    expect((await identityOf(sub))!['profile']).toEqual({ name: 'a'.repeat(511), username: 'a b\ufffd' })
  })

  test.each<[string, Json, string]>([
    ['an address with NUL', { email: 'a\0b@example.com' }, 'email_missing'],
    ['an address with a lone surrogate', { email: 'a\ud83d@example.com' }, 'email_missing'],
    ['an address that is a list', { email: ['a@example.com'] }, 'email_missing'],
    ['an endless address', { email: `${'a'.repeat(10_000)}@example.com` }, 'email_missing'],
    ['a subject with NUL', { sub: 'a\0', email: 'a@example.com' }, 'server_error'],
    ['a subject that is a number', { sub: 7, email: 'a@example.com' }, 'server_error'],
  ])('%s is a refusal, not a failure', async (_name, claims, error) => {
    issuer.idToken = { sub: 'somebody', ...claims }
    expect((await signIn()).error).toBe(error)
  })

  test.each(['\0', 'a\0b', '%', '\ud83d', 'x'.repeat(9_000)])('a callback whose fields are %j', async (text) => {
    for (const field of ['code', 'error', 'error_description', 'user', 'iss', 'session_state']) {
      const { back } = await signIn({ posted: true, fields: { [field]: text } })
      expect([field, back.status < 500 || back.status === 503], field).toEqual([field, true])
    }
  })
})

describe('refusals', () => {
  test.each(['access_denied', 'user_cancelled_login', 'user_cancelled_authorize', 'consent_required', 'user_denied'])(
    '%s: the person said no',
    async (error) => {
      expect((await signIn({ fields: { error, error_description: 'The member declined' } })).error).toBe('access_denied')
      expect(await lastRefusal()).toMatchObject({ reason: 'access_denied', problem: 'refused', detail: `${error}: The member declined` })
    },
  )

  test.each<[string, () => void | Record<string, string>, RegExp]>([
    [
      'a scope that is not allowed',
      () => ({ error: 'invalid_scope', error_description: 'email is not\n allowed' }),
      /^invalid_scope: email is not allowed$/,
    ],
    ['an error without a name', () => ({ error: 'undefined', error_description: 'what it is' }), /^an error without a name: what it is$/],
    ['a secret that is wrong', () => void (issuer.accepts = []), /invalid_client|invalid_request/],
    [
      'a code that is refused',
      () => void (issuer.tokenAnswer = new Raw(400, '{"error":"invalid_grant","error_description":"expired"}')),
      /^invalid_grant: expired$/,
    ],
    ['a token endpoint that is not there', () => void (issuer.tokenAnswer = new Raw(404, '<html>', 'text/html')), /\w/],
    ['no ID token', () => void (issuer.tokenAnswer = { access_token: 'a', token_type: 'Bearer' }), /id_token/],
    [
      'a key that is not known',
      () => void Object.assign(issuer, { signWith: 1, keySet: ([first]: Json[]) => ({ keys: [first] }) }),
      /no key/,
    ],
    ['a key set that is not there', () => void Object.assign(issuer, { signWith: 1, keySet: () => new Raw(404) }), /key set answered 404/],
  ])('%s: server_error, and the reason for the operator', async (_name, arrange, detail) => {
    await configure()
    issuer.idToken = { email: unique(), email_verified: true }
    const { error } = await signIn({ fields: arrange() ?? {} })
    expect(error).toBe('server_error')
    const row = await lastRefusal()
    expect(row).toMatchObject({ reason: 'server_error', detail: expect.stringMatching(detail) })
    expect(JSON.stringify(row)).not.toMatch(/undefined|u0000/)
  })
})

test('GitLab is believed to want the secret in the body, and gets its `-` bare where it wants Basic', async () => {
  issuer.clientSecret = 'gloas-0a1b2c-3d_4e.5f'
  issuer.idToken = { sub: 'gitlab-1', email: unique('gitlab'), email_verified: true }
  issuer.accepts = ['basic_without_decoding']
  expect((await configure({ token_endpoint_auth_method: 'client_secret_basic' }, 'gitlab')).body.data).toMatchObject({
    token_endpoint_auth_method: 'client_secret_basic',
  })
  expect((await signIn({ provider: 'gitlab' })).session!.status).toBe(200)
  issuer.accepts = ['post']
  issuer.metadata = { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] }
  const other = await fixture.project(['gitlab'])
  await configure({}, 'gitlab', other.id)
  expect((await fixture.control.call('POST', `projects/${other.id}/auth/providers/gitlab/test`)).body.data).toMatchObject({ ok: true })
  await configure()
})

describe('what is saved', () => {
  test.each(['https://10.0.0.1', 'https://169.254.169.254/latest', 'https://[fd00::1]', 'https://[::ffff:10.0.0.1]', 'https://192.168.1.1:8443', 'https://0xa.1', 'https://100.64.0.1'])(
    '%s is refused as issuer, discovery URL and base URL',
    async (url) => {
      for (const [field, provider] of [
        ['issuer', PROVIDER],
        ['issuer', 'gitlab'],
        ['discovery_url', PROVIDER],
        ['base_url', 'github'],
      ] as const) {
        const issuerField = provider === 'github' ? { issuer: null } : {}
        const answer = await configure({ ...issuerField, [field]: url }, provider)
        expect([field, answer.status, answer.body.error?.details?.[0]]).toMatchObject([field, 422, { field, code: 'invalid_url' }])
      }
      expect((await fixture.control.call('GET', `projects/${project.id}/auth/providers/${PROVIDER}`)).body.data.issuer).toBe(issuer.issuer)
    },
  )

  test.each<[string, string, Json]>([
    ['an unknown method', PROVIDER, { token_endpoint_auth_method: 'private_key_jwt' }],
    [
      'a method for Apple',
      'apple',
      { issuer: null, team_id: 'TEAM123456', key_id: 'KEY1234567', token_endpoint_auth_method: 'client_secret_post' },
    ],
    ['HS256 for Google', 'google', { issuer: null, id_token_signed_response_alg: 'HS256' }],
    ['an algorithm that is none', PROVIDER, { id_token_signed_response_alg: 'none' }],
    ['an expected issuer that is no URL', PROVIDER, { expected_issuer: 'accounts.example' }],
    ['no issuer and one half of the rest', PROVIDER, { issuer: null, discovery_url: 'https://idp.example/metadata' }],
    ['a tenant that is a path', 'microsoft', { issuer: null, tenant: '../common' }],
  ])('%s is refused', async (_name, provider, fields) => {
    const answer = await configure(fields, provider)
    expect([answer.status, answer.body.error.code]).toEqual([422, 'validation_error'])
  })

  test('every setting comes back as it was given', async () => {
    const { id } = await fixture.project(['email'])
    const fields = {
      issuer: null,
      discovery_url: 'https://idp.example/metadata?p=1',
      expected_issuer: 'https://login.example/x/',
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'HS256',
      require_nonce: false,
    }
    expect((await configure(fields, 'oidc:line', id)).body.data).toMatchObject(fields)
    // A stored secret does not follow the metadata to another place.
    const moved = await fixture.control.call('PUT', `projects/${id}/auth/providers/oidc:line`, {
      client_id: issuer.clientId,
      ...fields,
      discovery_url: 'https://evil.example/metadata',
    })
    expect([moved.status, moved.body.error.details[0].field]).toEqual([422, 'client_secret'])
    for (const tenant of ['common', 'consumers', 'contoso.onmicrosoft.com', '11111111-2222-4333-8444-555555555555']) {
      expect((await configure({ issuer: null, tenant }, 'microsoft', id)).body.data).toMatchObject({ tenant, tenant_id: null })
    }
  })

  test('a Microsoft domain stays pinned to the directory it was resolved to, until it is another domain or is removed', async () => {
    const { id, uuid } = await fixture.project(['email'])
    const save = async (tenant: string, more: Json = {}) =>
      (await configure({ issuer: null, tenant, ...more }, 'microsoft', id)).body.data.tenant_id
    expect(await save('contoso.onmicrosoft.com')).toBeNull()
    const pinned = '11111111-2222-4333-8444-555555555555'
    await fixture.owner.query(
      `update auth.provider_config set extra = extra || jsonb_build_object('tenant_id', $2::text) where project_id = $1`,
      [uuid, pinned],
    )
    expect(await save('contoso.onmicrosoft.com', { token_endpoint_auth_method: 'client_secret_post' })).toBe(pinned)
    expect(await save('Contoso.OnMicrosoft.com')).toBe(pinned)
    expect(await save('fabrikam.onmicrosoft.com')).toBeNull()
    expect(await save('common')).toBeNull()
    expect((await configure({ issuer: null, tenant: 'contoso.onmicrosoft.com', tenant_id: pinned }, 'microsoft', id)).status).toBe(422)
  })

  test('an authorization endpoint that is no https URL sends no browser there: the app is told, and the operator reads why', async () => {
    const { id, uuid, base } = await fixture.project(['oidc:odd'])
    for (const authorization_endpoint of ['http://idp.example/authorize', 'javascript:alert(1)', 7]) {
      issuer.metadata = { authorization_endpoint }
      // A place of its own, so that nothing is remembered from before.
      await configure(
        { discovery_url: `${issuer.issuer}/${String(authorization_endpoint).length}/.well-known/openid-configuration` },
        'oidc:odd',
        id,
      )
      const start = await new BrowserClient().open(startUrl(base, 'oidc:odd', proofKey(), { state: 'app-state' }))
      expect([start.status, start.location?.href.split('?')[0]]).toEqual([302, APP_CALLBACK])
      expect(Object.fromEntries(new URL(start.location!).searchParams)).toEqual({
        error: 'server_error',
        error_description: expect.stringContaining('not set up correctly'),
        state: 'app-state',
      })
      // Not by way of a page that is not the app's.
      const elsewhere = await new BrowserClient().open(startUrl(base, 'oidc:odd', proofKey(), { redirect_to: 'https://evil.example/' }))
      expect([elsewhere.status, elsewhere.location]).toEqual([422, null])
      expect((await fixture.audit(uuid, 'sign_in.refused')).at(-1)!.metadata).toMatchObject({
        problem: 'misconfigured',
        detail: expect.stringContaining('authorization_endpoint'),
      })
    }
  })
})

test('people who say no do not hide a wrong configuration from the operator, and a flood of one kind leaves few rows', async () => {
  const rows = async () =>
    (await fixture.audit(project.uuid, 'sign_in.refused')).filter(({ metadata }) => metadata['detail'] === 'access_denied: no, and no')
      .length
  for (let time = 0; time < 9; time += 1) await signIn({ fields: { error: 'access_denied', error_description: 'no, and no' } })
  expect(await rows()).toBe(5)
  await signIn({ fields: { error: 'invalid_scope', error_description: 'not this one' } })
  expect(await lastRefusal()).toMatchObject({ reason: 'server_error', problem: 'misconfigured', detail: 'invalid_scope: not this one' })
  // The operator reads it where the provider is set up; that somebody said no is no problem of the provider.
  const shown = { kind: 'misconfigured', reason: 'server_error', detail: 'invalid_scope: not this one', at: expect.any(String) }
  await signIn({ fields: { error: 'access_denied', error_description: 'not me' } })
  const { body } = await fixture.control.call('GET', `projects/${project.id}/auth/providers`)
  const problems = (body.data as { provider: string; last_problem: unknown }[]).map((one) => [one.provider, one.last_problem] as const)
  expect(problems).toContainEqual([PROVIDER, shown])
  expect(problems).toContainEqual(['google', null])
  expect((await fixture.control.call('GET', `projects/${project.id}/auth/providers/${PROVIDER}`)).body.data.last_problem).toEqual(shown)
})
