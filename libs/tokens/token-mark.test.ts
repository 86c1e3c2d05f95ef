import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AccessTokenClaims } from './access-token.js'
import { isMarked, markedTokenId, TOKEN_NONCE_BYTES, type UnmarkedClaims } from './token-mark.js'

const key = randomBytes(32)
// Every claim that a token can have: one that the mark left out could be made up by whoever holds the HS256 secret.
const CLAIMS: Required<UnmarkedClaims> = {
  iss: 'https://auth.example/proj_1', sub: 'user', aud: 'app', exp: 1_800_003_600, iat: 1_800_000_000, sid: 'session', email: 'a@example.com',
  email_verified: false, amr: ['pwd'], auth_time: 1_800_000_000, acr: 'aal1',
  org_id: 'company', org_slug: 'acme', org_role: 'member', permissions: ['org.read'],
  app_metadata: { plan: 'free' },
  app_claims: { 'app:plan': 'free', 'app:seat': 1 },
}
const newId = (claims: UnmarkedClaims): string => markedTokenId(key, randomBytes(TOKEN_NONCE_BYTES), claims)
const marked = (claims: UnmarkedClaims = CLAIMS): AccessTokenClaims => ({ ...claims, jti: newId(claims) })

test('our own tokens are known, in whatever order their claims stand', () => {
  const claims = marked()
  expect(claims.jti).toMatch(/^[\w-]{42}$/)
  expect(isMarked(key, claims)).toBe(true)
  expect(isMarked(key, Object.fromEntries(Object.entries(claims).toReversed()) as unknown as AccessTokenClaims)).toBe(true)
  expect(marked().jti).not.toBe(marked().jti)
})

test.each(Object.keys(CLAIMS))('a token whose %s was changed is not ours', (name) => {
  const value: unknown = CLAIMS[name as keyof UnmarkedClaims]
  const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : Array.isArray(value) ? [...(value as string[]), 'otp'] : `${String(value)}x`
  expect(isMarked(key, { ...marked(), [name]: other })).toBe(false)
})

test('a claim that is left out or added, another key and a made-up jti are not ours', () => {
  const { acr: _, ...without } = marked()
  expect(isMarked(key, without)).toBe(false)
  const { aud: __, ...unnamed } = CLAIMS
  expect(isMarked(key, { ...marked(unnamed), aud: 'app' })).toBe(false)
  const { org_id: _id, org_slug: _slug, org_role: _role, permissions: _permissions, ...alone } = CLAIMS
  const organization = { org_id: 'company', org_slug: 'acme', org_role: 'admin', permissions: ['org.delete'] }
  expect(isMarked(key, { ...marked(alone), ...organization })).toBe(false)
  const { app_metadata: _app, ...plain } = CLAIMS
  expect(isMarked(key, { ...marked(plain), app_metadata: { plan: 'enterprise' } })).toBe(false)
  expect(isMarked(key, { ...marked(), app_metadata: { plan: 'enterprise' } })).toBe(false)
  const { app_claims: _claims, ...unclaimed } = CLAIMS
  expect(isMarked(key, { ...marked(unclaimed), app_claims: { 'app:plan': 'free' } })).toBe(false)
  expect(isMarked(key, { ...marked(), app_claims: { 'app:seat': 1, 'app:plan': 'free' } })).toBe(true)
  expect(isMarked(key, { ...marked(), app_claims: { 'app:plan': 'free', 'app:seat': 2 } })).toBe(false)
  expect(isMarked(randomBytes(32), marked())).toBe(false)
  for (const jti of ['', 'x', '7b1f0a52-6a3c-4e36-9d5b-222222222222', 'A'.repeat(42), 'A'.repeat(43), 'é'.repeat(42), marked().jti.slice(1), `${marked().jti}A`]) {
    expect(isMarked(key, { ...CLAIMS, jti })).toBe(false)
  }
})
