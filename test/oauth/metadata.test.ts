import { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProviderConfig } from '@portico/oauth/provider'
import type { OutboundFetch } from '@portico/outbound/guarded-http'
import { OutboundError } from '@portico/outbound/outbound-error'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeIssuer, type FakeIssuer, type Json } from '../support/fake-issuer.js'
import { configOf, newClient, outcome, REDIRECT_URI, signIn } from './talk.js'

const GOOD = 'own@idp.example, verified'
let issuer: FakeIssuer
beforeAll(async () => {
  issuer = await startFakeIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => {
  issuer.reset()
  issuer.idToken = { email: 'own@idp.example', email_verified: true }
})

const REQUEST = { redirectUri: REDIRECT_URI, state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) }
/** What no end point may be, whatever the metadata say. */
const NOT_CALLED: [string, unknown][] = [
  ['plain http', 'http://idp.example/x'],
  ['http on an inner address', 'http://10.0.0.1/x'],
  ['a script', 'javascript:alert(1)'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:text/html,x'],
  ['with a password', 'https://user:pass@idp.example/x'],
  ['with a fragment', 'https://idp.example/x#y'],
  ['relative', '/x'],
  ['without a scheme', '//idp.example/x'],
  ['empty', ''],
  ['a number', 7],
  ['a list', ['https://idp.example/x']],
  ['an object', { href: 'https://idp.example/x' }],
  ['null', null],
  ['missing', undefined],
]

describe('end points', () => {
  test.each(NOT_CALLED)('an authorization endpoint that is %s sends no browser anywhere', async (_name, authorization_endpoint) => {
    issuer.metadata = { authorization_endpoint }
    const problem = await newClient().authorizationUrl(configOf(issuer), REQUEST).catch((error: unknown) => error)
    expect(problem).toMatchObject({ kind: 'misconfigured', detail: expect.stringContaining('authorization_endpoint') })
  })
  for (const name of ['token_endpoint', 'jwks_uri']) {
    test.each([
      ...NOT_CALLED,
      ['on an inner address', 'https://10.0.0.1/x'] as [string, unknown],
      ['on the metadata service', 'https://169.254.169.254/x'] as [string, unknown],
    ])(`a ${name} that is %s is not called`, async (_what, value) => {
      issuer.metadata = { [name]: value }
      expect(outcome(await signIn(issuer))).toBe('misconfigured')
    })
  }
  test('an authorization endpoint keeps the query that it has', async () => {
    issuer.metadata = { authorization_endpoint: 'https://idp.example/authorize?p=b2c_1_signin' }
    const url = await newClient().authorizationUrl(configOf(issuer), REQUEST)
    expect([url.origin, url.searchParams.get('p'), url.searchParams.get('state'), url.searchParams.get('code_challenge_method')]).toEqual([
      'https://idp.example',
      'b2c_1_signin',
      's',
      'S256',
    ])
  })
})

describe('the discovery document', () => {
  test.each<[string, Json]>([
    ['names another issuer', { issuer: 'https://accounts.google.com' }],
    ['names its issuer with a path', { issuer: 'http://127.0.0.1/x' }],
    ['names no issuer', { issuer: undefined }],
    ['names a list of issuers', { issuer: ['x'] }],
  ])('that %s is refused', async (_name, metadata) => {
    issuer.metadata = metadata
    expect(outcome(await signIn(issuer))).toBe('misconfigured')
  })
  test('may say nonsense in the fields that are not needed', async () => {
    issuer.metadata = {
      claims_supported: 'nonce',
      authorization_response_iss_parameter_supported: 'yes',
      mtls_endpoint_aliases: { token_endpoint: 'https://10.0.0.1/' },
      userinfo_endpoint: 7,
      scopes_supported: 7,
    }
    expect(outcome(await signIn(issuer))).toBe(GOOD)
  })
})

describe('an issuer that is not where its metadata are (Azure AD B2C)', () => {
  let b2c: FakeIssuer
  beforeAll(async () => {
    b2c = await startFakeIssuer('/contoso.onmicrosoft.com/b2c_1_signin/v2.0')
  })
  afterAll(() => b2c?.close())
  const tenant = () => `${new URL(b2c.issuer).origin}/11111111-2222-4333-8444-555555555555/v2.0/`

  test.each<[string, () => Partial<ProviderConfig>, string]>([
    ['the place as issuer, the issuer expected', () => ({ options: { expectedIssuer: tenant() } }), GOOD],
    [
      'the issuer as issuer, the place as discovery_url',
      () => ({ issuer: tenant(), options: { discoveryUrl: `${b2c.issuer}/.well-known/openid-configuration?p=b2c_1_signin` } }),
      GOOD,
    ],
    [
      'both, and no issuer',
      () => ({ issuer: null, options: { expectedIssuer: tenant(), discoveryUrl: `${b2c.issuer}/.well-known/openid-configuration` } }),
      GOOD,
    ],
    ['neither', () => ({}), 'misconfigured'],
    ['another one expected', () => ({ options: { expectedIssuer: `${tenant()}x` } }), 'misconfigured'],
  ])('%s', async (_name, config, expected) => {
    b2c.reset()
    b2c.metadata = { issuer: tenant() }
    b2c.idToken = { email: 'own@idp.example', email_verified: true }
    expect(outcome(await signIn(b2c, { config: configOf(b2c, config()) }))).toBe(expected)
  })

  test('a token of another directory is refused', async () => {
    b2c.reset()
    b2c.metadata = { issuer: tenant() }
    b2c.idToken = { email: 'own@idp.example', iss: tenant().replace('1111', '2222') }
    expect(outcome(await signIn(b2c, { config: configOf(b2c, { options: { expectedIssuer: tenant() } }) }))).toBe('untrusted')
  })
})

describe('what is remembered', () => {
  const of = (projectId: string, more: Partial<ProviderConfig> = {}) => configOf(issuer, { projectId, ...more })

  test('found metadata are shared by all projects; another issuer, place or protocol is another entry', async () => {
    const client = newClient()
    const place = '/.well-known/openid-configuration'
    for (const project of ['a', 'b', 'a']) expect(outcome(await signIn(issuer, { client, config: of(project) }))).toBe(GOOD)
    expect(issuer.asked[place]).toBe(1)
    await signIn(issuer, { client, config: of('a', { options: { discoveryUrl: `${issuer.issuer}/other${place}` } }) })
    expect(issuer.asked[`/other${place}`]).toBe(1)
    // What one project reads at a place of its choice does not become the metadata of the issuer.
    issuer.metadata = { authorization_endpoint: 'https://evil.example/authorize' }
    await signIn(issuer, { client, config: of('evil', { options: { discoveryUrl: `${issuer.issuer}/evil${place}` } }) })
    expect((await client.authorizationUrl(of('b'), REQUEST)).origin).toBe(new URL(issuer.issuer).origin)
  })

  test('a failure is its project’s alone, for five seconds', async () => {
    let up = false
    const calls: string[] = []
    const fetch: OutboundFetch = async (url) => {
      calls.push(String(url))
      if (!up) throw new OutboundError('too_slow')
      return Response.json({ issuer: 'https://idp.example', authorization_endpoint: 'https://idp.example/authorize' })
    }
    const client = new OAuthClient({ allowLoopback: false, within: (_share, work) => work(fetch) })
    const start = (projectId: string) =>
      client.authorizationUrl({ ...configOf(issuer), projectId, issuer: 'https://idp.example' }, REQUEST).then(
        () => 'sent',
        (error: OAuthProblem) => error.kind,
      )
    expect([await start('a'), await start('a')]).toEqual(['unavailable', 'unavailable'])
    expect(calls).toHaveLength(1)
    up = true
    expect([await start('a'), await start('b'), await start('a')]).toEqual(['unavailable', 'sent', 'sent'])
    expect(calls).toHaveLength(2)
  })

  test('an attempt of one project that hangs keeps no other one waiting', async () => {
    const fetch = (project: string): OutboundFetch => async () => {
      if (project === 'slow') await new Promise(() => undefined)
      return Response.json({ issuer: 'https://idp.example', authorization_endpoint: 'https://idp.example/authorize' })
    }
    const client = new OAuthClient({ allowLoopback: false, within: (share, work) => work(fetch(share.project)) })
    const start = (projectId: string) => client.authorizationUrl({ ...configOf(issuer), projectId, issuer: 'https://idp.example' }, REQUEST)
    start('slow').catch(() => undefined)
    expect((await start('fast')).host).toBe('idp.example')
  })
})

describe('Microsoft', () => {
  const TENANT = '11111111-2222-4333-8444-555555555555'
  const OTHER = '22222222-2222-4333-8444-555555555555'
  const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'
  const ROOT = 'https://login.microsoftonline.com'
  /** Which directory each name in a path stands for, as Microsoft’s metadata have it. */
  let directory: Record<string, string>
  beforeEach(() => {
    directory = {
      common: '{tenantid}',
      organizations: '{tenantid}',
      consumers: CONSUMERS,
      'contoso.onmicrosoft.com': TENANT,
      [TENANT]: TENANT,
    }
  })

  const microsoft = (options: Record<string, string>): ProviderConfig => configOf(issuer, { provider: 'microsoft', issuer: null, options })
  /** The fake issuer under Microsoft’s name. */
  const client = () =>
    new OAuthClient({
      allowLoopback: false,
      within: (_share, work) =>
        work(async (url, request = {}) => {
          const { origin, pathname } = new URL(url)
          expect(origin).toBe(ROOT)
          const name = pathname.split('/')[1]!
          if (pathname.endsWith('/openid-configuration')) {
            if (!directory[name]) return Response.json({ error: 'invalid_tenant' }, { status: 400 })
            return Response.json({
              issuer: `${ROOT}/${directory[name]}/v2.0`,
              authorization_endpoint: `${ROOT}/${name}/a`,
              token_endpoint: `${ROOT}/${name}/token`,
              jwks_uri: `${ROOT}/${name}/jwks`,
              id_token_signing_alg_values_supported: ['RS256'],
            })
          }
          return globalThis.fetch(`${issuer.issuer}/${pathname.split('/').at(-1)}`, {
            method: request.method ?? 'GET',
            headers: request.headers ?? {},
            body: request.body ?? null,
          })
        }),
    })
  const from = (tid: string, more: Json = {}) => {
    issuer.idToken = { email: 'own@idp.example', xms_edov: true, tid, iss: `${ROOT}/${tid}/v2.0`, ...more }
  }

  test.each<[string, Record<string, string>, string, Json, string]>([
    ['common, a work account', {}, TENANT, {}, GOOD],
    ['common, a personal account', { tenant: 'common' }, CONSUMERS, { xms_edov: undefined }, GOOD],
    ['common, tid and issuer apart', {}, TENANT, { iss: `${ROOT}/${OTHER}/v2.0` }, 'untrusted'],
    ['common, the template as issuer', {}, TENANT, { iss: `${ROOT}/{tenantid}/v2.0` }, 'untrusted'],
    ['common, a tid with a path', {}, `${TENANT}/../x`, {}, 'untrusted'],
    ['common, no tid', {}, TENANT, { tid: undefined }, 'untrusted'],
    ['organizations, a work account', { tenant: 'organizations' }, TENANT, {}, GOOD],
    ['organizations, a personal account', { tenant: 'organizations' }, CONSUMERS, {}, 'untrusted'],
    ['consumers, a personal account', { tenant: 'consumers' }, CONSUMERS, { xms_edov: undefined }, GOOD],
    ['consumers, a work account', { tenant: 'consumers' }, TENANT, {}, 'untrusted'],
    ['a directory by id', { tenant: TENANT }, TENANT, {}, GOOD],
    ['a directory by id, another one’s token', { tenant: TENANT }, OTHER, {}, 'untrusted'],
    ['a directory by domain', { tenant: 'contoso.onmicrosoft.com' }, TENANT, {}, GOOD],
    ['a directory by domain, another one’s token', { tenant: 'contoso.onmicrosoft.com' }, OTHER, {}, 'untrusted'],
    ['a directory by domain, pinned', { tenant: 'contoso.onmicrosoft.com', tenantId: TENANT }, TENANT, {}, GOOD],
    ['an unknown domain', { tenant: 'nobody.example' }, TENANT, {}, 'misconfigured'],
  ])('%s', async (_name, options, tid, more, expected) => {
    from(tid, more)
    expect(outcome(await signIn(issuer, { client: client(), config: microsoft(options) }))).toBe(expected)
  })

  test('a domain is resolved to its directory; once pinned, it may not move to another', async () => {
    const options = { tenant: 'contoso.onmicrosoft.com' }
    expect(await client().tenantId(microsoft(options))).toBe(TENANT)
    for (const tenant of ['common', 'consumers', TENANT]) expect(await client().tenantId(microsoft({ tenant }))).toBeNull()
    await expect(client().tenantId(microsoft({ tenant: 'nobody.example' }))).rejects.toMatchObject({ kind: 'misconfigured' })
    directory['contoso.onmicrosoft.com'] = OTHER
    from(OTHER)
    expect(outcome(await signIn(issuer, { client: client(), config: microsoft({ ...options, tenantId: TENANT }) }))).toBe('misconfigured')
  })
})
