import { OAuthProblem } from '@portico/oauth/oauth-problem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeIssuer, type FakeIssuer, type Json } from '../support/fake-issuer.js'
import { configOf, newClient, outcome, signIn } from './talk.js'

let issuer: FakeIssuer
const GOOD = 'own@idp.example, verified'
const now = () => Math.floor(Date.now() / 1000)

beforeAll(async () => {
  issuer = await startFakeIssuer()
})
afterAll(() => issuer?.close())
beforeEach(() => {
  issuer.reset()
  issuer.idToken = { email: 'own@idp.example', email_verified: true }
})
const claim = (more: Json) => {
  issuer.idToken = { ...issuer.idToken, ...more }
}

describe('claims', () => {
  test.each<[string, () => Json, string]>([
    ['one audience in a list', () => ({ aud: ['client'] }), GOOD],
    ['two audiences and azp', () => ({ aud: ['client', 'other'], azp: 'client' }), GOOD],
    ['two audiences without azp', () => ({ aud: ['client', 'other'] }), 'untrusted'],
    ['two audiences, azp the other one', () => ({ aud: ['client', 'other'], azp: 'other' }), 'untrusted'],
    ['an audience that is a number', () => ({ aud: 7 }), 'untrusted'],
    ['no audience', () => ({ aud: undefined }), 'untrusted'],
    ['an issuer that is a list', () => ({ iss: [issuer.issuer] }), 'untrusted'],
    ['an issuer with another slash', () => ({ iss: `${issuer.issuer}/` }), 'untrusted'],
    ['a clock that is 20 s ahead', () => ({ iat: now() + 20, nbf: now() + 20, exp: now() + 600 }), GOOD],
    ['a clock that is 20 s behind', () => ({ iat: now() - 620, exp: now() - 20 }), GOOD],
    ['a clock that is two minutes behind', () => ({ iat: now() - 720, exp: now() - 120 }), 'untrusted'],
    ['not good before two minutes from now', () => ({ nbf: now() + 120 }), 'untrusted'],
    ['an end that is text', () => ({ exp: String(now() + 600) }), 'untrusted'],
    ['no end', () => ({ exp: undefined }), 'untrusted'],
    ['no time of issue', () => ({ iat: undefined }), 'untrusted'],
  ])('%s', async (_name, claims, expected) => {
    claim(claims())
    expect(outcome(await signIn(issuer))).toBe(expected)
  })
})

describe('the nonce', () => {
  test.each<[string, unknown, Json, Record<string, string>, string]>([
    ['left out, not promised (LinkedIn)', undefined, {}, {}, GOOD],
    ['left out, the metadata promise it', undefined, { claims_supported: ['sub', 'nonce'] }, {}, 'untrusted'],
    ['left out, the operator asks for it', undefined, {}, { requireNonce: 'true' }, 'untrusted'],
    ['left out, the operator does without', undefined, { claims_supported: ['nonce'] }, { requireNonce: 'false' }, GOOD],
    ['another one', 'another', {}, {}, 'untrusted'],
    ['another one, the operator does without', 'another', {}, { requireNonce: 'false' }, 'untrusted'],
    ['null', null, {}, {}, 'untrusted'],
    ['a list', ['n'.repeat(43)], {}, {}, 'untrusted'],
    ['empty', '', {}, {}, 'untrusted'],
  ])('%s', async (_name, nonce, metadata, options, expected) => {
    claim({ nonce })
    issuer.metadata = metadata
    expect(outcome(await signIn(issuer, { config: configOf(issuer, { options }) }))).toBe(expected)
  })

  test('a named provider promises it', async () => {
    claim({ nonce: undefined })
    expect(outcome(await signIn(issuer, { config: configOf(issuer, { provider: 'gitlab' }) }))).toBe('untrusted')
  })
})

describe('HS256 with the client secret (LINE)', () => {
  const config = (more: Json = {}) => configOf(issuer, { options: { idTokenSignedResponseAlg: 'HS256' }, ...more })
  test.each<[string, () => Promise<string> | string, string]>([
    ['configured', async () => outcome(await signIn(issuer, { config: config() })), GOOD],
    ['not configured', async () => outcome(await signIn(issuer)), 'untrusted'],
    [
      'not configured, though the metadata list it',
      async () => ((issuer.metadata = { id_token_signing_alg_values_supported: ['HS256', 'RS256'] }), outcome(await signIn(issuer))),
      'untrusted',
    ],
    [
      'configured, with another secret',
      async () => (
        (issuer.accepts = ['jwt']),
        outcome(
          await signIn(issuer, {
            config: config({
              clientSecret: 'wrong',
              options: { idTokenSignedResponseAlg: 'HS256', tokenEndpointAuthMethod: 'client_secret_jwt' },
            }),
          }),
        )
      ),
      'untrusted',
    ],
    [
      'configured, and signed with a key',
      async () => ((issuer.signWith = 0), outcome(await signIn(issuer, { config: config() }))),
      'untrusted',
    ],
    [
      'configured, and unsigned',
      async () => (
        (issuer.rawIdToken = `${encode({ alg: 'HS256' })}.${encode({ sub: 'person' })}.`),
        outcome(await signIn(issuer, { config: config() }))
      ),
      'untrusted',
    ],
  ])('%s', async (_name, run, expected) => {
    issuer.signWith = 'secret'
    expect(await run()).toBe(expected)
  })
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  test('no key is asked for', async () => {
    issuer.signWith = 'secret'
    await signIn(issuer, { config: config() })
    expect(issuer.asked['/jwks']).toBeUndefined()
  })
})

describe('the key set', () => {
  beforeAll(async () => {
    await issuer.addKey()
    await issuer.addKey({ kid: 'k0' })
  })
  const only = (...numbers: number[]) => {
    issuer.keySet = (keys) => ({ keys: numbers.map((at) => keys[at]) })
  }

  test.each<[string, () => void, string]>([
    ['has one key, the token no kid', () => ((issuer.header = { kid: undefined as never }), only(0)), GOOD],
    ['has two keys, the token no kid', () => ((issuer.header = { kid: undefined as never }), only(1, 0)), GOOD],
    ['has two keys of one kid', () => only(2, 0), GOOD],
    ['has the key without alg and use', () => (issuer.keySet = ([key]) => ({ keys: [{ ...key, alg: undefined, use: undefined }] })), GOOD],
    ['has the key for encryption', () => (issuer.keySet = ([key]) => ({ keys: [{ ...key, use: 'enc' }] })), 'untrusted'],
    [
      'has broken entries beside the key',
      () => (issuer.keySet = ([key]) => ({ keys: [null, 7, 'x', [], { kty: 'RSA', kid: 'k0', alg: 'RS256', n: '!', e: 7 }, key] })),
      GOOD,
    ],
    ['has another key of that kid', () => only(2), 'untrusted'],
    [
      'has nine keys of that kid before the right one',
      () => (issuer.keySet = (keys) => ({ keys: [...Array(9).fill(keys[2]), keys[0]] })),
      'untrusted',
    ],
    [
      'has fifty other keys before the right one',
      () => (issuer.keySet = (keys) => ({ keys: [...Array(50).fill(keys[1]), keys[0]] })),
      GOOD,
    ],
    ['has no such kid', () => only(1), 'untrusted'],
    ['is empty', () => only(), 'untrusted'],
    ['is a list', () => (issuer.keySet = (keys) => keys), 'untrusted'],
    ['has keys that are text', () => (issuer.keySet = () => ({ keys: 'k0' })), 'untrusted'],
    ['has a secret among the keys', () => (issuer.keySet = () => ({ keys: [{ kty: 'oct', kid: 'k0', k: 'AAAA' }] })), 'untrusted'],
  ])('%s', async (_name, arrange, expected) => {
    arrange()
    expect(outcome(await signIn(issuer))).toBe(expected)
  })

  test.each<[string, number]>([
    ['another kid', 1],
    ['the same kid', 2],
  ])('rotates to a key of %s: it is read once more', async (_name, next) => {
    const client = newClient()
    only(0)
    expect(outcome(await signIn(issuer, { client }))).toBe(GOOD)
    expect(outcome(await signIn(issuer, { client }))).toBe(GOOD)
    expect(issuer.asked['/jwks']).toBe(1)
    only(next)
    issuer.signWith = next
    expect(outcome(await signIn(issuer, { client }))).toBe(GOOD)
    expect(issuer.asked['/jwks']).toBe(2)
    // A key that the set does not have: once more, and then no.
    issuer.signWith = 0
    const refused = await signIn(issuer, { client })
    expect([outcome(refused), (refused as OAuthProblem).detail, issuer.asked['/jwks']]).toEqual([
      'untrusted',
      'no key of the provider verifies the signature',
      3,
    ])
  })
})

describe('iss in the answer (RFC 9207)', () => {
  test.each<[string, boolean, string | null, string]>([
    ['promised and right', true, 'own', GOOD],
    ['promised and missing', true, null, 'untrusted'],
    ['promised and another', true, 'https://another.example', 'untrusted'],
    ['not promised and missing', false, null, GOOD],
    ['not promised and another', false, 'https://another.example', 'untrusted'],
  ])('%s', async (_name, promised, iss, expected) => {
    issuer.metadata = { authorization_response_iss_parameter_supported: promised }
    const fields: Record<string, string> = iss === null ? {} : { iss: iss === 'own' ? issuer.issuer : iss }
    expect(outcome(await signIn(issuer, { fields }))).toBe(expected)
  })
})
