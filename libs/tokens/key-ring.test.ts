import { systemEntropy } from '@portico/kernel/entropy'
import { importJWK } from 'jose'
import { expect, test } from 'vitest'
import { KeyRing, type OpenedKey } from './key-ring.js'
import { generateSigningKey, type KeyState, type SigningAlgorithm } from './signing-key.js'

const now = new Date('2026-01-01T00:00:00Z')
const later = new Date('2026-01-01T01:00:00Z')

test('an HS256 key is 64 hex characters with a short kid and no public half', async () => {
  const key = await generateSigningKey('HS256', systemEntropy)
  expect(key.secret).toMatch(/^[0-9a-f]{64}$/)
  expect(key.kid).toMatch(/^[A-Za-z0-9_-]{16}$/)
  expect(key.publicJwk).toBeNull()
})

test('the public half of an ES256 key is a valid JWK without the private member', async () => {
  const key = await generateSigningKey('ES256', systemEntropy)
  expect(key.publicJwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: key.kid })
  expect(key.publicJwk).not.toHaveProperty('d')
  await expect(importJWK({ ...key.publicJwk! }, 'ES256')).resolves.toBeDefined()
})

test('the ring signs with the current key and verifies with the standby too', async () => {
  const ring = new KeyRing([await opened('HS256', 'standby'), await opened('HS256', 'current', 'c')])
  expect(ring.current().kid).toBe('c')
  expect(ring.byKid('standby', now)?.kid).toBe('standby')
  expect(ring.byKid('unknown', now)).toBeNull()
})

test('a retired key verifies until its date, and never without one', async () => {
  const ring = new KeyRing([await opened('HS256', 'retired', 'r', later), await opened('HS256', 'retired', 'compromised')])
  expect(ring.byKid('r', now)?.kid).toBe('r')
  expect(ring.byKid('r', later)).toBeNull()
  expect(ring.byKid('compromised', now)).toBeNull()
})

test('the published set holds every ES256 key that still verifies, and no private part', async () => {
  const keys = [
    await opened('ES256', 'current', 'c'),
    await opened('ES256', 'standby', 's'),
    await opened('ES256', 'retired', 'r', later),
    await opened('ES256', 'retired', 'compromised'),
    await opened('HS256', 'standby', 'h'),
  ]
  const ring = new KeyRing(keys)
  expect(ring.publicJwks(now).keys.map((key) => key.kid)).toEqual(['c', 's', 'r'])
  expect(ring.publicJwks(later).keys.map((key) => key.kid)).toEqual(['c', 's'])
  expect(JSON.stringify(ring.publicJwks(now))).not.toContain('"d"')
})

test('an HS256 ring publishes an empty set', async () => {
  expect(new KeyRing([await opened('HS256', 'current')]).publicJwks(now)).toEqual({ keys: [] })
})

test('an ES256 key is imported once', async () => {
  const key = new KeyRing([await opened('ES256', 'current')]).current()
  if (key.alg !== 'ES256') return expect.unreachable()
  expect(await key.signingKey()).toBe(await key.signingKey())
  expect(await key.verifyingKey()).toBe(await key.verifyingKey())
})

test('a ring is refused when it is ambiguous, and an error never quotes a secret', async () => {
  const a = await opened('HS256', 'current', 'a')
  expect(() => new KeyRing([a, { ...a, state: 'standby' }])).toThrow('twice')
  expect(() => new KeyRing([a, { ...a, kid: 'b' }])).toThrow('one current key')
  expect(() => new KeyRing([]).current()).toThrow('no current key')
  for (const alg of ['HS256', 'ES256'] as const) {
    try {
      new KeyRing([{ ...a, alg, secret: 'tiger' }])
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('tiger')
    }
  }
})

async function opened(alg: SigningAlgorithm, state: KeyState, kid: string = state, verifyUntil: Date | null = null): Promise<OpenedKey> {
  const { secret } = await generateSigningKey(alg, systemEntropy)
  return { kid, alg, state, secret, verifyUntil }
}
