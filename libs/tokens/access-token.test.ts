import fc from 'fast-check'
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { hmacSha256 } from '@portico/crypto/hmac'
import { systemEntropy } from '@portico/kernel/entropy'
import { beforeAll, describe, expect, test } from 'vitest'
import { signAccessToken as sign, verifyAccessToken, type AccessTokenClaims } from './access-token.js'
import { hasOneSpelling, verifyCompact } from './compact-jws.js'
import { KeyRing } from './key-ring.js'
import { generateSigningKey, type GeneratedSigningKey } from './signing-key.js'

const now = new Date()
const seconds = Math.floor(now.getTime() / 1000)
const issuer = 'https://auth.test/proj_1'
const project = '0d4b6bfe-2a0c-4a0e-8f0e-3f1f2f3f4f5f'
const expectation = { now, issuers: [issuer], audiences: [project], maxLifetimeSeconds: 3_600 }
const claims: AccessTokenClaims = {
  iss: issuer,
  sub: '7b1f0a52-6a3c-4e36-9d5b-111111111111',
  aud: project,
  exp: seconds + 3_600,
  iat: seconds,
  jti: '7b1f0a52-6a3c-4e36-9d5b-222222222222',
  sid: '7b1f0a52-6a3c-4e36-9d5b-333333333333',
  email: 'dora@bakery.test',
  email_verified: true,
  amr: ['pwd'],
  auth_time: seconds,
}

const signAccessToken = (ring: KeyRing, given: AccessTokenClaims) => sign(ring, given, 'at+jwt')

let hs: GeneratedSigningKey
let es: GeneratedSigningKey
let hsRing: KeyRing
let esRing: KeyRing

beforeAll(async () => {
  hs = await generateSigningKey('HS256', systemEntropy)
  es = await generateSigningKey('ES256', systemEntropy)
  hsRing = ringOf(hs)
  esRing = ringOf(es)
})

describe.each(['HS256', 'ES256'] as const)('%s', (alg) => {
  const ring = (): KeyRing => (alg === 'HS256' ? hsRing : esRing)

  test('a signed token gives its claims back and names its key and type', async () => {
    const token = await signAccessToken(ring(), claims)
    expect(headerOf(token)).toEqual({ alg, typ: 'at+jwt', kid: ring().current().kid })
    expect(await verifyAccessToken(ring(), token, expectation)).toEqual(claims)
    const plain = await sign(ring(), claims, 'JWT')
    expect(headerOf(plain)).toEqual({ alg, typ: 'JWT', kid: ring().current().kid })
    expect(await verifyAccessToken(ring(), plain, expectation)).toEqual(claims)
    const withAcr = { ...claims, acr: 'aal2' }
    expect(await verifyAccessToken(ring(), await signAccessToken(ring(), withAcr), expectation)).toEqual(withAcr)
  })

  test('a token with any one character changed is refused', async () => {
    const token = await signAccessToken(ring(), claims)
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      await refused(ring(), token.slice(0, at) + other + token.slice(at + 1))
    }
  })

  test('another spelling of the same signature is refused', async () => {
    const token = await signAccessToken(ring(), claims)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(token.at(-1) ?? '')
    for (const spelling of [`${token}=`, `${token} `, `${token}\n`, ` ${token}`, `${token}.`, token.slice(0, -1) + alphabet[last ^ 1]]) {
      await refused(ring(), spelling)
    }
  })

  test('a token of another project with the same kid is refused', async () => {
    const other = await generateSigningKey(alg, systemEntropy)
    const token = await signAccessToken(ringOf({ ...other, kid: ring().current().kid }), claims)
    await refused(ring(), token)
  })

  test('a token of a key that the ring does not know is refused', async () => {
    await refused(ring(), await signAccessToken(ringOf(await generateSigningKey(alg, systemEntropy)), claims))
  })

  test('a key verifies through a rotation and stops at its date', async () => {
    const old = alg === 'HS256' ? hs : es
    const token = await signAccessToken(ring(), claims)
    const rotated = new KeyRing([
      { ...(await generateSigningKey(alg, systemEntropy)), state: 'current', verifyUntil: null },
      { ...old, state: 'retired', verifyUntil: new Date(now.getTime() + 60_000) },
    ])
    expect(await verifyAccessToken(rotated, token, expectation)).toEqual(claims)
    await refused(rotated, token, { ...expectation, now: new Date(now.getTime() + 61_000) })
  })
})

test('an HS256 token verifies with jsonwebtoken and the secret exactly as an app gets it', async () => {
  const token = await signAccessToken(hsRing, claims)
  expect(jsonwebtoken.verify(token, hs.secret)).toEqual(claims)
  expect(() => jsonwebtoken.verify(token, Buffer.from(hs.secret, 'hex'))).toThrow()
})

test('tokens of both kinds verify with jose, by the secret and by the published set', async () => {
  const options = { issuer, audience: project, typ: 'at+jwt' }
  const shared = await jwtVerify(await signAccessToken(hsRing, claims), new TextEncoder().encode(hs.secret), options)
  expect(shared.payload).toEqual(claims)
  const published = createLocalJWKSet({ keys: esRing.publicJwks(now).keys.map((key) => ({ ...key })) })
  expect((await jwtVerify(await signAccessToken(esRing, claims), published, options)).payload).toEqual(claims)
})

test('the HS256 signature is the one of RFC 7515: HMAC-SHA-256 over header, dot and payload', async () => {
  const token = await signAccessToken(hsRing, claims)
  const [header, payload, signature] = token.split('.')
  expect(hmacSha256(hs.secret, `${header}.${payload}`).toString('base64url')).toBe(signature)
})

test('HS256 verification answers without a promise', async () => {
  const token = await signAccessToken(hsRing, claims)
  expect(verifyAccessToken(hsRing, token, expectation)).not.toBeInstanceOf(Promise)
  expect(() => verifyAccessToken(hsRing, 'nonsense', expectation)).toThrow()
})

describe('what a forger tries', () => {
  test('alg none, in every spelling, with and without a signature', async () => {
    const signature = (await signAccessToken(hsRing, claims)).split('.')[2]
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, 0]) {
      const unsigned = `${json({ alg, typ: 'at+jwt', kid: hs.kid })}.${json(claims)}`
      await refused(hsRing, `${unsigned}.`)
      await refused(hsRing, `${unsigned}.${signature}`)
    }
  })

  test('the public ES256 key used as an HMAC secret', async () => {
    const publicKey = esRing.publicJwks(now).keys[0]!
    for (const secret of [JSON.stringify(publicKey), publicKey.x, publicKey.y, Buffer.from(publicKey.x, 'base64url')]) {
      await refused(esRing, forge({ alg: 'HS256', typ: 'at+jwt', kid: es.kid }, claims, secret))
    }
  })

  test('a header that says ES256 over an HS256 key, and other HMAC sizes', async () => {
    for (const alg of ['ES256', 'HS384', 'HS512', 'hs256', 'RS256']) {
      await refused(hsRing, forge({ alg, typ: 'at+jwt', kid: hs.kid }, claims, hs.secret))
    }
  })

  test('a ring that holds both kinds still binds each key to its own algorithm', async () => {
    const both = new KeyRing([
      { ...es, state: 'current', verifyUntil: null },
      { ...hs, state: 'retired', verifyUntil: new Date(now.getTime() + 60_000) },
    ])
    await refused(both, forge({ alg: 'HS256', typ: 'at+jwt', kid: es.kid }, claims, hs.secret))
    expect(await verifyAccessToken(both, await signAccessToken(hsRing, claims), expectation)).toEqual(claims)
  })

  test('a header without kid or type, of another type, or with members that redirect verification', async () => {
    const good = { alg: 'HS256', typ: 'at+jwt', kid: hs.kid }
    expect(await verifyAccessToken(hsRing, forge(good, claims, hs.secret), expectation)).toEqual(claims)
    const headers: object[] = [
      { alg: 'HS256', typ: 'at+jwt' },
      { alg: 'HS256', kid: hs.kid },
      ...['mfa+jwt', 'logout+jwt', 'id+jwt', 'jwt', 'AT+JWT', 'application/at+jwt', '', null].map((typ) => ({ ...good, typ })),
      { ...good, kid: 7 },
      { ...good, kid: '__proto__' },
      { ...good, crit: ['exp'] },
      { ...good, b64: false },
      { ...good, jwk: { kty: 'oct', k: 'AAAA' } },
      { ...good, jku: 'https://evil.test/jwks' },
      [],
    ]
    for (const header of headers) await refused(hsRing, forge(header, claims, hs.secret))
  })

  test('an ES256 signature of the wrong size, in DER, or all zero (CVE-2022-21449)', async () => {
    const token = await signAccessToken(esRing, claims)
    const signed = token.slice(0, token.lastIndexOf('.'))
    for (const signature of [Buffer.alloc(64), Buffer.alloc(63, 1), Buffer.alloc(72, 0x30), Buffer.alloc(0)]) {
      await refused(esRing, `${signed}.${signature.toString('base64url')}`)
    }
  })

  test('an ES256 token made by another library with the private key but another type', async () => {
    const { d, kty, crv, x, y } = JSON.parse(es.secret) as Record<'d' | 'kty' | 'crv' | 'x' | 'y', string>
    const key = await importJWK({ kty, crv, x, y, d }, 'ES256')
    const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: es.kid, typ: 'logout+jwt' }).sign(key)
    await refused(esRing, token)
  })

  test('text that is no token, or too long a one', async () => {
    const good = await signAccessToken(hsRing, claims)
    for (const text of ['', '.', '..', '...', 'a.b', 'a.b.c', `${good}.${good}`, good.replace('.', '..')]) await refused(hsRing, text)
    await refused(hsRing, forge({ alg: 'HS256', typ: 'at+jwt', kid: hs.kid }, { ...claims, email: 'x'.repeat(8_192) }, hs.secret))
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), (text) => refused(hsRing, text)))
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), (a, b) => refused(hsRing, `${encode(a)}.${encode(b)}.AAAA`)),
    )
  })
})

test('of the texts that decode to the same bytes one is taken', () => {
  const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n')
  const text = fc.oneof(fc.string({ unit: character, maxLength: 9 }), fc.string({ unit: 'binary', maxLength: 9 }))
  const encodesToItself = (given: string) => given !== '' && Buffer.from(given, 'base64url').toString('base64url') === given
  fc.assert(fc.property(text, (given) => hasOneSpelling(given) === encodesToItself(given)), { numRuns: 5_000 })
  fc.assert(fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => hasOneSpelling(Buffer.from(bytes).toString('base64url'))))
})

describe('claims', () => {
  const forged = (change: Record<string, unknown>): string =>
    forge({ alg: 'HS256', typ: 'at+jwt', kid: hs.kid }, { ...claims, ...change }, hs.secret)

  test('an expired token is refused in the very second it expires', async () => {
    const token = await signAccessToken(hsRing, claims)
    const at = (offset: number): Date => new Date((claims.exp + offset) * 1000)
    expect(await verifyAccessToken(hsRing, token, { ...expectation, now: at(-1) })).toEqual(claims)
    await refused(hsRing, token, { ...expectation, now: at(0) })
  })

  test('a token from the future is refused, but five seconds of clock difference are not', async () => {
    const ahead = { iat: seconds + 5, auth_time: seconds + 5 }
    expect(await verifyAccessToken(hsRing, forged(ahead), expectation)).toEqual({ ...claims, ...ahead })
    for (const change of [{ iat: seconds + 6 }, { auth_time: seconds + 6 }, { nbf: seconds + 6 }]) await refused(hsRing, forged(change))
  })

  test('an issuer or audience other than expected is refused', async () => {
    for (const change of [{ iss: `${issuer}/` }, { iss: 'https://auth.test/proj_2' }, { aud: 'other' }, { aud: [] }, { aud: ['other'] }]) {
      await refused(hsRing, forged(change))
    }
    expect(await verifyAccessToken(hsRing, forged({ aud: ['other', project] }), expectation)).toMatchObject({ aud: ['other', project] })
    const second = { ...expectation, issuers: ['https://login.bakery.test', issuer] }
    expect(await verifyAccessToken(hsRing, forged({}), second)).toEqual(claims)
    await refused(hsRing, forged({}), { ...expectation, issuers: [] })
  })

  test('a token without an audience is for every holder of the key, whatever is expected', async () => {
    const { aud: _, ...without } = claims
    for (const typ of ['JWT', 'at+jwt'] as const)
      expect(await verifyAccessToken(hsRing, await sign(hsRing, without, typ), expectation)).toEqual(without)
    expect(await verifyAccessToken(hsRing, await sign(hsRing, claims, 'JWT'), { ...expectation, audiences: ['other', project] })).toEqual(
      claims,
    )
  })

  // RFC 8725, 3.12: a `JWT` does not say what it is, and an ID token may be signed with the same key.
  test.each(['nonce', 'at_hash', 'c_hash', 's_hash', 'azp', 'events'])('a token with %s is of another kind and refused', async (name) => {
    for (const typ of ['JWT', 'at+jwt']) await refused(hsRing, forge({ alg: 'HS256', typ, kid: hs.kid }, { ...claims, [name]: 'x' }, hs.secret))
  })

  test.each(Object.keys(claims))('a token without a right %s is refused', async (name) => {
    for (const value of [undefined, null, {}, '', -1, 1.5, '5']) {
      if (name === 'aud' && value === undefined) continue
      if ((name === 'email' || name === 'sub' || name === 'jti' || name === 'sid') && value === '5') continue
      await refused(hsRing, forged({ [name]: value }))
    }
  })

  test('a token that ends before it begins is refused', () => refused(hsRing, forged({ iat: seconds + 3, exp: seconds + 3 })))

  test('claims of someone else’s invention are dropped on the way in and on the way out', async () => {
    expect(await verifyAccessToken(hsRing, forged({ role: 'admin', nbf: seconds }), expectation)).toEqual(claims)
    const token = await signAccessToken(hsRing, Object.assign({ role: 'admin' }, claims))
    expect(jsonwebtoken.decode(token)).toEqual(claims)
  })
})

test('one type of token does not pass for another', async () => {
  const token = await signAccessToken(hsRing, claims)
  expect(() => verifyCompact(hsRing, new Set(['mfa+jwt']), token, now)).toThrow()
})

function ringOf(key: GeneratedSigningKey): KeyRing {
  return new KeyRing([{ ...key, state: 'current', verifyUntil: null }])
}

async function refused(ring: KeyRing, token: string, expected = expectation): Promise<void> {
  await expect((async () => verifyAccessToken(ring, token, expected))(), token).rejects.toMatchObject({ code: 'invalid_token' })
}

function json(value: unknown): string {
  return encode(JSON.stringify(value))
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function forge(header: object, payload: object, secret: string | Buffer): string {
  const signed = `${json(header)}.${json(payload)}`
  return `${signed}.${hmacSha256(secret, signed).toString('base64url')}`
}

function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'))
}
