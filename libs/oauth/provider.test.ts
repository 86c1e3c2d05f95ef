import { decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { clientAuthentications } from './client-authentication.js'
import { providerDefinition } from './known-providers.js'
import type { ProviderConfig } from './provider.js'

const config = (provider: string, more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  projectId: 'p',
  tenantId: 't',
  provider,
  clientId: 'client',
  clientSecret: 'secret',
  issuer: null,
  scopes: null,
  options: {},
  ...more,
})

test('known names and oidc:<name>, nothing else', () => {
  for (const name of ['google', 'github', 'microsoft', 'apple', 'gitlab', 'oidc:acme', 'oidc:a-1'])
    expect(providerDefinition(name), name).not.toBeNull()
  for (const name of ['', 'email', 'Google', 'oidc:', 'oidc:A', 'oidc:a/b', 'oidc:-a', 'toString', '__proto__', 'constructor'])
    expect(providerDefinition(name), name).toBeNull()
})

test('an address counts as verified only where the provider really checks it', () => {
  const verified = (provider: string, claims: Record<string, unknown>) => providerDefinition(provider)!.emailVerified(claims)
  expect([verified('google', { email_verified: true }), verified('apple', { email_verified: 'true' })]).toEqual([true, true])
  for (const value of [undefined, false, 'false', 1, 'yes', null]) expect(verified('oidc:acme', { email_verified: value })).toBe(false)
  // Any administrator of a work directory writes what they like into `email`.
  expect(verified('microsoft', { tid: '11111111-2222-4333-8444-555555555555', email: 'ceo@victim.example', email_verified: true })).toBe(
    false,
  )
  expect(verified('microsoft', { tid: '11111111-2222-4333-8444-555555555555', xms_edov: true })).toBe(true)
  expect(verified('microsoft', { tid: '9188040d-6c67-4c5b-b112-36a304b66dad' })).toBe(true)
})

test('issuers are fixed by name, and only some can be chosen', () => {
  const issuer = (provider: string, more: Partial<ProviderConfig> = {}) => providerDefinition(provider)!.issuer(config(provider, more))
  expect(issuer('google', { issuer: 'https://evil.example' })).toBe('https://accounts.google.com')
  expect(issuer('microsoft', { options: { tenant: 'organizations' } })).toBe('https://login.microsoftonline.com/{tenantid}/v2.0')
  expect(issuer('microsoft', { options: { tenant: 'consumers' } })).toBe(
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  )
  expect(issuer('microsoft', { options: { tenant: 'contoso.onmicrosoft.com' } })).toBeNull()
  expect(issuer('gitlab')).toBe('https://gitlab.com')
  expect(issuer('gitlab', { issuer: 'https://git.corp.example' })).toBe('https://git.corp.example')
  expect(issuer('github', { options: { baseUrl: 'https://ghe.corp.example' } })).toBe('https://ghe.corp.example/login/oauth')
})

test('Apple gets a client secret signed with the team’s key, and nothing but it', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey)).toString('base64')}\n-----END PRIVATE KEY-----\n`
  const apple = config('apple', { clientId: 'com.example.app', clientSecret: pem, options: { teamId: 'TEAM123456', keyId: 'KEY1234567' } })
  const as = { issuer: 'https://appleid.apple.com', token_endpoint: 'https://appleid.apple.com/auth/token' }
  const body = new URLSearchParams()
  const headers = new Headers()
  const [authentication] = await clientAuthentications(apple, providerDefinition('apple')!, as)
  await authentication!(as, { client_id: 'com.example.app' }, body, headers)
  expect([...body.keys()].toSorted()).toEqual(['client_id', 'client_secret'])
  const secret = body.get('client_secret')!
  expect(decodeProtectedHeader(secret)).toMatchObject({ alg: 'ES256', kid: 'KEY1234567' })
  const { payload } = await jwtVerify(secret, pair.publicKey, {
    issuer: 'TEAM123456',
    subject: 'com.example.app',
    audience: 'https://appleid.apple.com',
  })
  expect(payload.exp! - payload.iat!).toBeLessThan(600)
  await expect(clientAuthentications({ ...apple, clientSecret: 'no key' }, providerDefinition('apple')!, as)).rejects.toMatchObject({
    kind: 'misconfigured',
  })
})
