import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OAuthClient } from '@portico/oauth/oauth-client'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Raw, startFakeIssuer, type FakeIssuer, type Habit, type Json } from '../support/fake-issuer.js'
import { configOf, newClient, outcome, REDIRECT_URI, signIn } from './talk.js'

let issuer: FakeIssuer
const PLAIN_SECRET = 'gloas-0a1b2c_3.4~5'
const HARD_SECRET = "p+s/s=w:r d%9&!'()*ü"

beforeAll(async () => {
  issuer = await startFakeIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => {
  issuer.reset()
  issuer.clientSecret = HARD_SECRET
  issuer.idToken = { email: 'own@idp.example', email_verified: true }
})

describe('what the metadata list, and what the server takes', () => {
  test.each<[string, unknown, Habit[], string]>([
    ['both', ['client_secret_basic', 'client_secret_post'], ['post'], 'own@idp.example, verified'],
    [
      'both, and Basic is broken',
      ['client_secret_basic', 'client_secret_post'],
      ['post', 'basic_without_decoding'],
      'own@idp.example, verified',
    ],
    ['the body', ['client_secret_post'], ['post'], 'own@idp.example, verified'],
    ['Basic', ['client_secret_basic'], ['basic'], 'own@idp.example, verified'],
    ['a signed assertion', ['client_secret_jwt'], ['jwt'], 'own@idp.example, verified'],
    ['nothing, and takes Basic', undefined, ['basic'], 'own@idp.example, verified'],
    ['nothing, and takes the body (LinkedIn)', undefined, ['post'], 'own@idp.example, verified'],
    ['an unknown method, and takes the body', ['tls_client_auth'], ['post'], 'own@idp.example, verified'],
    ['text instead of a list', 'client_secret_post', ['post'], 'own@idp.example, verified'],
    ['a list of other things', [7, null, ['client_secret_post'], 'client_secret_basic'], ['basic'], 'own@idp.example, verified'],
    ['the body, and takes it not', ['client_secret_post'], ['basic'], 'wrong_client'],
    ['nothing, and takes nothing', undefined, [], 'wrong_client'],
  ])('%s', async (_name, listed, accepts, expected) => {
    issuer.metadata = { token_endpoint_auth_methods_supported: listed }
    issuer.accepts = accepts
    expect(outcome(await signIn(issuer))).toBe(expected)
  })

  test('a wrong secret is tried twice at the most', async () => {
    expect(outcome(await signIn(issuer, { config: configOf(issuer, { clientSecret: 'wrong' }) }))).toBe('wrong_client')
    expect(issuer.asked['/token']).toBe(2)
  })
})

describe('token_endpoint_auth_method', () => {
  test.each<[string, Habit]>([
    ['client_secret_post', 'post'],
    ['client_secret_basic', 'basic'],
    ['client_secret_jwt', 'jwt'],
  ])('%s wins over the metadata', async (method, habit) => {
    issuer.metadata = {
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'].filter(
        (each) => each !== method,
      ),
    }
    issuer.accepts = [habit]
    const config = configOf(issuer, { options: { tokenEndpointAuthMethod: method } })
    expect(outcome(await signIn(issuer, { config }))).toBe('own@idp.example, verified')
    expect(issuer.asked['/token']).toBe(1)
  })
})

test('a server that does not decode Basic (GitLab) gets `-._~` bare', async () => {
  issuer.clientSecret = PLAIN_SECRET
  issuer.metadata = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
  issuer.accepts = ['basic_without_decoding']
  expect(outcome(await signIn(issuer))).toBe('own@idp.example, verified')
  expect(outcome(await signIn(issuer, { config: configOf(issuer, { provider: 'gitlab' }) }))).toBe('own@idp.example, verified')
})

describe('the test call goes the same ways', () => {
  test.each<[string, unknown, Habit[], boolean]>([
    ['a body that is listed', ['client_secret_post'], ['post'], true],
    ['a body that is not listed', undefined, ['post'], true],
    ['Basic without decoding', ['client_secret_basic'], ['basic_without_decoding'], false],
  ])('%s', async (_name, listed, accepts, known) => {
    issuer.metadata = { token_endpoint_auth_methods_supported: listed }
    issuer.accepts = accepts
    const probe = newClient().probe(configOf(issuer), REDIRECT_URI)
    if (known) expect(await probe).toBe(issuer.issuer)
    else await expect(probe).rejects.toMatchObject({ kind: 'misconfigured', detail: expect.stringContaining('invalid_request') })
  })
})

test('every named provider authenticates as it wants to', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey)).toString('base64')}\n-----END PRIVATE KEY-----\n`
  // What their metadata list (GitHub has none, LinkedIn lists nothing), and where the secret must then be.
  const listed: Record<string, string[]> = {
    google: ['client_secret_post', 'client_secret_basic'],
    microsoft: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    gitlab: ['client_secret_basic', 'client_secret_post'],
    apple: ['client_secret_post'],
    github: [],
  }
  for (const [provider, methods] of Object.entries(listed)) {
    const sent: { headers: Record<string, string>; body: string }[] = []
    const client = new OAuthClient({
      allowLoopback: false,
      within: (_share, work) =>
        work(async (url, request = {}) => {
          if (request.method !== 'POST') {
            const issuerOf: Record<string, string> = {
              google: 'https://accounts.google.com',
              microsoft: 'https://login.microsoftonline.com/{tenantid}/v2.0',
              gitlab: 'https://gitlab.com',
              apple: 'https://appleid.apple.com',
            }
            const issuer = issuerOf[provider]
            return Response.json({
              issuer,
              authorization_endpoint: `https://idp.example/a`,
              token_endpoint: 'https://idp.example/t',
              token_endpoint_auth_methods_supported: methods,
            })
          }
          expect(new URL(url).protocol).toBe('https:')
          sent.push({ headers: request.headers ?? {}, body: request.body ?? '' })
          return Response.json({ error: 'invalid_grant' }, { status: 400 })
        }) as never,
    })
    const options: Record<string, string> = provider === 'apple' ? { teamId: 'TEAM123456', keyId: 'KEY1234567' } : {}
    await client.probe(
      {
        projectId: 'p',
        tenantId: 't',
        provider,
        clientId: 'id',
        clientSecret: provider === 'apple' ? pem : 's-e.c',
        issuer: null,
        scopes: null,
        options,
      },
      REDIRECT_URI,
    )
    const form = new URLSearchParams(sent[0]!.body)
    expect([provider, sent.length, form.get('client_id'), sent[0]!.headers['authorization'], form.has('code_verifier')]).toEqual([
      provider,
      1,
      'id',
      undefined,
      true,
    ])
    if (provider === 'apple') expect(form.get('client_secret')).toMatch(/^ey/)
    else expect(form.get('client_secret')).toBe('s-e.c')
  }
})

describe('what a refusal means', () => {
  test.each([
    'access_denied',
    'ACCESS_DENIED',
    'AccessDenied',
    'user_cancelled_login',
    'user_cancelled_authorize',
    'user_canceled',
    'cancelled',
    'user_cancel',
    'user_denied',
    'consent_denied',
    'authorization_declined',
    'request_rejected',
    'consent_required',
    'interaction_required',
    'login_required',
    'account_selection_required',
    'user cancelled',
  ])('%s: the person said no', async (error) => {
    expect(outcome(await signIn(issuer, { fields: { error } }))).toBe('refused')
    expect(issuer.asked['/token']).toBeUndefined()
  })

  test.each([
    'invalid_scope',
    'unauthorized_client',
    'invalid_request',
    'redirect_uri_mismatch',
    'unsupported_response_type',
    'invalid_client',
    'undefined',
    'x'.repeat(5_000),
    '<script>',
    '\0',
  ])('%.40s: the configuration is wrong, and the reason is said', async (error) => {
    const result = await signIn(issuer, { fields: { error, error_description: 'AADSTS50011: the\0 redirect\ud83d URI does not match' } })
    expect(outcome(result)).toBe('misconfigured')
    const { detail } = result as OAuthProblem
    expect(detail).toMatch(/AADSTS50011: the redirect/)
    expect(detail).not.toContain('undefined')
    expect([detail.isWellFormed(), detail.includes('\0'), detail.length < 350]).toEqual([true, false, true])
  })

  test.each(['temporarily_unavailable', 'server_error'])('%s: the provider is away', async (error) => {
    expect(outcome(await signIn(issuer, { fields: { error } }))).toBe('unavailable')
  })

  test.each<[string, { status: number; body: string; type?: string }, string, RegExp]>([
    ['a code that was used', { status: 400, body: '{"error":"invalid_grant","error_description":"used"}' }, 'untrusted', /invalid_grant: used/],
    ['a scope that is not allowed', { status: 400, body: '{"error":"invalid_scope"}' }, 'misconfigured', /invalid_scope/],
    ['an error without a name', { status: 400, body: '{"error":{"message":"no"}}' }, 'untrusted', /\w/],
    ['an error that is a number', { status: 400, body: '{"error":42}' }, 'untrusted', /\w/],
    ['markup', { status: 400, body: '<html>', type: 'text/html' }, 'untrusted', /\w/],
    ['a description with a token in it', { status: 400, body: `{"error":"invalid_request","error_description":"code ${'a'.repeat(43)} is bad"}` }, 'misconfigured', /code … is bad/],
    ['503', { status: 503, body: '' }, 'unavailable', /503/],
    ['429', { status: 429, body: '{}' }, 'unavailable', /429/],
    ['a redirect', { status: 302, body: '' }, 'untrusted', /\w/],
    ['a success that is a list', { status: 200, body: '[]' }, 'untrusted', /\w/],
    ['a success as markup', { status: 200, body: '{}', type: 'text/html' }, 'untrusted', /\w/],
    ['an endless answer', { status: 200, body: `{"x":"${'x'.repeat(1_100_000)}"}` }, 'unavailable', /too_large/],
    ['a success without tokens', { status: 200, body: '{}' }, 'untrusted', /access_token/],
    ['tokens that are lists', { status: 200, body: '{"access_token":["a"],"token_type":["Bearer"],"id_token":7}' }, 'untrusted', /\w/],
    ['no ID token', { status: 200, body: '{"access_token":"a","token_type":"Bearer"}' }, 'untrusted', /id_token/],
  ])('the token endpoint answers %s', async (_name, { status, body, type }, kind, detail) => {

    issuer.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] }
    issuer.tokenAnswer = new Raw(status, body, type ?? 'application/json', status === 302 ? { location: 'https://elsewhere.example' } : {})
    const result = await signIn(issuer)
    expect(outcome(result)).toBe(kind)
    expect((result as OAuthProblem).detail).toMatch(detail)
    expect((result as OAuthProblem).detail).not.toContain('undefined')
  })

  test.each<[string, Json]>([
    ['a refresh token that is null', { refresh_token: null }],
    ['a scope that is a list', { scope: ['openid', 'email'] }],
    ['a lifetime that is null', { expires_in: null }],
    ['no token type (LinkedIn)', { token_type: undefined }],
    ['fields of its own', { user: { id: 7 }, id_token_expires_in: 'x' }],
  ])('a token answer with %s is good enough', async (_name, more) => {
    const now = Math.floor(Date.now() / 1000)
    const idToken = await issuer.sign({
      iss: issuer.issuer,
      aud: 'client',
      sub: 'person',
      iat: now,
      exp: now + 60,
      email: 'own@idp.example',
      email_verified: true,
    })
    issuer.tokenAnswer = { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken, ...more }
    expect(outcome(await signIn(issuer))).toBe('own@idp.example, verified')
  })

  test('a provider that hangs is away', async () => {
    const client = new OAuthClient(new GuardedHttp({ allowLoopback: true, timeLimitMs: 200 }))
    issuer.hangs = true
    expect(outcome(await signIn(issuer, { client }))).toBe('unavailable')
  })
})
