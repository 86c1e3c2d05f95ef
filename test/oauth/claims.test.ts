import type { OAuthProblemKind } from '@portico/oauth/oauth-problem'
import { providerDefinition } from '@portico/oauth/known-providers'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import { readIdentity } from '@portico/oauth/read-identity'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Raw, startFakeIssuer, type FakeIssuer, type Json } from '../support/fake-issuer.js'
import { newClient, outcome, signIn } from './talk.js'

let issuer: FakeIssuer
beforeAll(async () => {
  issuer = await startFakeIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => issuer.reset())

/** What can stand in one document: an address or none, in every spelling, and a vouching claim or none. */
const ADDRESSES: Record<string, Json> = {
  own: { email: 'own@idp.example' },
  victim: { email: 'victim@idp.example' },
  empty: { email: '' },
  null: { email: null },
  none: {},
  number: { email: 7 },
  list: { email: ['own@idp.example'] },
  nul: { email: 'own\0@idp.example' },
  surrogate: { email: '\ud83d@idp.example' },
  endless: { email: `${'a'.repeat(400)}@idp.example` },
}
const VOUCHING: Record<string, Json> = {
  true: { email_verified: true },
  'text true': { email_verified: 'true' },
  false: { email_verified: false },
  'text false': { email_verified: 'false' },
  one: { email_verified: 1 },
  list: { email_verified: [true] },
  none: {},
}
const VOUCHES = new Set(['true', 'text true'])
const HAS_ADDRESS = new Set(['own', 'victim'])

describe('one document vouches', () => {
  const cells = Object.keys(ADDRESSES).flatMap((a) =>
    Object.keys(VOUCHING).flatMap((av) =>
      Object.keys(ADDRESSES).flatMap((b) => Object.keys(VOUCHING).map((bv) => [a, av, b, bv] as const)),
    ),
  )

  test(`in all ${cells.length} pairs of an ID token and user info`, () => {
    const definition = providerDefinition('oidc:any')!
    for (const [a, av, b, bv] of cells) {
      const read = readIdentity(definition, 'person', [{ ...ADDRESSES[a], ...VOUCHING[av] }, { ...ADDRESSES[b], ...VOUCHING[bv] }])
      const [source, vouching] = HAS_ADDRESS.has(a) ? [a, av] : [b, bv]
      const expected = HAS_ADDRESS.has(source) ? [ADDRESSES[source]!['email'], VOUCHES.has(vouching)] : [null, false]
      expect([read.email, read.emailVerified], `ID token ${a}/${av}, user info ${b}/${bv}`).toEqual(expected)
    }
  })

  test.each<[string, Json, Json, string, boolean]>([
    ['the address of user info, vouched for by the ID token', { email_verified: true }, { email: 'victim@idp.example', email_verified: false }, 'victim@idp.example, not verified', true],
    ['the address of user info without a word, the ID token vouching', { email_verified: true }, { email: 'victim@idp.example' }, 'victim@idp.example, not verified', true],
    ['both in user info', {}, { email: 'own@idp.example', email_verified: true, name: 'Ada' }, 'own@idp.example, verified', true],
    [
      'both in the ID token',
      { email: 'own@idp.example', email_verified: true },
      { email: 'victim@idp.example', email_verified: true },
      'own@idp.example, verified',
      false,
    ],
    [
      'an address in the ID token, vouched for by user info alone',
      { email: 'own@idp.example' },
      { email: 'own@idp.example', email_verified: true },
      'own@idp.example, not verified',
      false,
    ],
    [
      'an empty address in the ID token',
      { email: '', email_verified: true },
      { email: 'own@idp.example', email_verified: true },
      'own@idp.example, verified',
      true,
    ],
    [
      'a null address in the ID token',
      { email: null },
      { email: 'own@idp.example', email_verified: 'true' },
      'own@idp.example, verified',
      true,
    ],
    ['no address anywhere', { email_verified: true }, { email_verified: true }, 'no address, not verified', true],
    // Azure AD B2C: a list that the person typed, and no `email`.
    [
      'a list of addresses',
      { emails: ['own@idp.example', 'b@idp.example'], email_verified: true },
      {},
      'own@idp.example, not verified',
      true,
    ],
    [
      'a list of addresses, and user info that vouches for one',
      { emails: ['victim@idp.example'], email_verified: true },
      { email: 'own@idp.example', email_verified: true },
      'own@idp.example, verified',
      true,
    ],
    ['an empty list of addresses', { emails: [] }, { emails: [7] }, 'no address, not verified', true],
    [
      'an address that is called a list',
      { emails: 'own@idp.example' },
      { emails: { 0: 'own@idp.example' } },
      'no address, not verified',
      true,
    ],
  ])('over the wire: %s', async (_name, idToken, userInfo, expected, asksUserInfo) => {
    issuer.idToken = idToken
    issuer.userInfo = { sub: 'person', ...userInfo }
    const result = await signIn(issuer)
    expect([outcome(result), issuer.asked['/userinfo'] ?? 0]).toEqual([expected, asksUserInfo ? 1 : 0])
    if ('name' in userInfo) expect(result).toMatchObject({ profile: { name: userInfo['name'] } })
  })

  test('Microsoft vouches by claims of the same document too', () => {
    const microsoft = providerDefinition('microsoft')!
    const consumers = { tid: '9188040d-6c67-4c5b-b112-36a304b66dad' }
    for (const vouching of [{ xms_edov: true }, { xms_edov: 1 }, { xms_edov: '1' }, { xms_edov: 'true' }, consumers]) {
      expect(readIdentity(microsoft, 'p', [{ email: 'a@b.example', ...vouching }]).emailVerified, JSON.stringify(vouching)).toBe(true)
      expect(readIdentity(microsoft, 'p', [vouching, { email: 'a@b.example' }]).emailVerified, JSON.stringify(vouching)).toBe(false)
    }
    for (const silent of [{ xms_edov: false }, { xms_edov: 0 }, { xms_edov: '0' }, { xms_edov: [true] }, { email_verified: true }, {}]) {
      expect(readIdentity(microsoft, 'p', [{ email: 'a@b.example', ...silent }]).emailVerified, JSON.stringify(silent)).toBe(false)
    }
  })
})

describe('user info that cannot be read leaves the address unknown', () => {
  test.each<[string, Raw | Json, OAuthProblemKind]>([
    ['401', new Raw(401, '{"error":"invalid_token"}', 'application/json', { 'www-authenticate': 'Bearer error="invalid_token"' }), 'misconfigured'],
    ['403', new Raw(403), 'misconfigured'],
    ['404', new Raw(404, '<html>', 'text/html'), 'misconfigured'],
    ['500', new Raw(500), 'unavailable'],
    ['a redirect', new Raw(302, '', 'text/html', { location: 'https://elsewhere.example/' }), 'misconfigured'],
    ['no JSON', new Raw(200, '<html>', 'text/html'), 'untrusted'],
    ['a list', new Raw(200, '[]'), 'untrusted'],
    ['text', new Raw(200, '"person"'), 'untrusted'],
    ['null', new Raw(200, 'null'), 'untrusted'],
    ['two megabytes', new Raw(200, `{"sub":"person","x":"${'x'.repeat(2_000_000)}"}`), 'untrusted'],
  ])('%s', async (_name, answer, kind) => {
    issuer.userInfo = answer
    const result = await signIn(issuer)
    expect(result).toMatchObject({
      subject: 'person',
      email: null,
      emailVerified: false,
      unread: { kind, detail: expect.stringMatching(/\w/) },
    })
  })

  test.each([
    ['inner', 'https://10.0.0.1/userinfo'],
    ['plain http', 'http://idp.example/userinfo'],
    ['no URL', 'javascript:alert(1)'],
    ['a list', ['https://idp.example/userinfo']],
    ['a number', 7],
    ['missing', undefined],
  ])('an end point that is %s is not called', async (_name, userinfo_endpoint) => {
    issuer.metadata = { userinfo_endpoint }
    expect(await signIn(issuer)).toMatchObject({
      subject: 'person',
      email: null,
      unread: { kind: 'misconfigured', detail: expect.stringMatching(/\w/) },
    })
  })

  test.each([
    ['somebody else', { sub: 'another', email: 'a@b.example' }],
    ['nobody', { email: 'a@b.example', email_verified: true }],
    ['a number', { sub: 7 }],
  ])('about %s it is refused', async (_name, userInfo) => {
    issuer.userInfo = userInfo
    expect(outcome(await signIn(issuer))).toBe('untrusted')
  })
})

describe('user info as a JWT', () => {
  const claims = { sub: 'person', email: 'own@idp.example', email_verified: true }
  const jwt = (token: string, type = 'application/jwt') => new Raw(200, token, type)

  test.each<[string, () => Promise<Raw>, string]>([
    ['signed by the provider', async () => jwt(await issuer.sign(claims)), 'own@idp.example, verified'],
    [
      'signed, its type with a charset',
      async () => jwt(await issuer.sign(claims), 'Application/JWT; charset=utf-8'),
      'own@idp.example, verified',
    ],
    ['signed by somebody else', async () => jwt(await issuer.sign(claims, { kid: 'k0' }, 1)), 'untrusted'],
    ['signed with a key that is not in the set', async () => jwt(await issuer.sign(claims, { kid: 'k9' })), 'untrusted'],
    ['unsigned', async () => jwt(`${encode({ alg: 'none' })}.${encode(claims)}.`), 'untrusted'],
    ['signed with the secret', async () => jwt(`${encode({ alg: 'HS256' })}.${encode(claims)}.AAAA`), 'untrusted'],
    ['for another client', async () => jwt(await issuer.sign({ ...claims, aud: 'another' })), 'untrusted'],
    ['of another issuer', async () => jwt(await issuer.sign({ ...claims, iss: 'https://another.example' })), 'untrusted'],
    ['about somebody else', async () => jwt(await issuer.sign({ ...claims, sub: 'another' })), 'untrusted'],
    ['that is no JWT', async () => jwt('person'), 'untrusted'],
    ['encrypted', async () => jwt('a.b.c.d.e'), 'untrusted'],
    ['sent as JSON', async () => jwt(await issuer.sign(claims), 'application/json'), 'no address, not verified'],
  ])('%s', async (_name, answer, expected) => {
    if (issuer.keys.length < 2) await issuer.addKey()
    issuer.keySet = ([first]) => ({ keys: [first] })
    issuer.userInfo = answer
    expect(outcome(await signIn(issuer))).toBe(expected)
  })
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('hostile text in every field of a profile', () => {
  const client = newClient()
  const HOSTILE: Record<string, unknown> = {
    nul: 'A\0da',
    'a lone surrogate': 'A\ud83d',
    'an emoji at the cut': 'a'.repeat(511) + '😀',
    endless: 'x'.repeat(100_000),
    number: 7,
    list: ['Ada'],
    object: { a: 1 },
    null: null,
    empty: '',
    bool: true,
  }
  const FIELDS = ['name', 'given_name', 'family_name', 'preferred_username', 'picture', 'email']
  test.each(FIELDS.flatMap((field) => Object.keys(HOSTILE).map((kind) => [field, kind] as const)))('%s: %s', async (field, kind) => {
    issuer.idToken = { email: 'own@idp.example', email_verified: true, [field]: HOSTILE[kind] }
    issuer.userInfo = { sub: 'person', [field]: HOSTILE[kind] }
    const result = await signIn(issuer, { client })
    expect(result).toMatchObject({ subject: 'person' })
    const text = JSON.stringify(result)
    expect(text).not.toMatch(/\\u0000|\\ud83d"|\\ud83d[^\\]/)
    const profile: Record<string, unknown> = { ...(result as ProvidedIdentity).profile }
    for (const value of Object.values(profile))
      expect(typeof value === 'string' && value.length <= 2_048 && value.isWellFormed()).toBe(true)
    if (field === 'picture') expect(profile['picture']).toBeUndefined()
  })


  test.each(['https://pics.example/ada.png', 'https://pics.example/?s=1&d=2'])('a picture %s is kept as it is', async (picture) => {
    issuer.idToken = { email: 'own@idp.example', picture }
    expect(await signIn(issuer)).toMatchObject({ profile: { picture } })
  })
  test.each(['javascript:alert(1)', `https://pics.example/${'a'.repeat(3_000)}`, 'data:image/svg+xml,<svg/>', '/ada.png'])(
    'a picture %.30s is dropped whole',
    async (picture) => {
      issuer.idToken = { email: 'own@idp.example', picture }
      expect(await signIn(issuer)).toMatchObject({ profile: {} })
    },
  )
  test.each([
    ['NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud83d'],
    ['256 letters', 'a'.repeat(256)],
    ['nothing', ''],
    ['a number', 7],
    ['a list', ['a']],
  ])('a subject of %s starts no session', async (_name, sub) => {
    issuer.idToken = { sub, email: 'own@idp.example' }
    expect(outcome(await signIn(issuer))).toBe('untrusted')
  })
})

describe('the name that Apple posts once', () => {
  test.each<[string, string, unknown]>([
    ['first and last', '{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"victim@idp.example"}', { name: 'Ada Lovelace' }],
    ['one of them', '{"name":{"firstName":"Ada"}}', { name: 'Ada' }],
    ['none', '{"name":{}}', undefined],
    ['hostile', '{"name":{"firstName":"A\\u0000\\ud83d","lastName":["x"]}}', { name: 'A \ufffd' }],
    ['no JSON', '{', undefined],
    ['null', 'null', undefined],
    ['a list', '[]', undefined],
    ['a name that is text', '{"name":"Ada"}', undefined],
    ['endless', `{"name":{"firstName":"${'a'.repeat(9_000)}"}}`, undefined],
  ])('%s', async (_name, user, expected) => {
    issuer.idToken = { email: 'own@idp.example', email_verified: 'true' }
    const result = await signIn(issuer, { fields: { user } })
    expect(result).toMatchObject({ email: 'own@idp.example', emailVerified: true })
    expect((result as { firstProfile?: unknown }).firstProfile).toEqual(expected)
  })

  test('its address is never read, not even when there is no other', async () => {
    expect(outcome(await signIn(issuer, { fields: { user: '{"email":"victim@idp.example"}' } }))).toBe('no address, not verified')
  })
})
