import { macKey, type MacKey } from '@portico/crypto/hmac'
import { importJWK, type CryptoKey, type JWK_EC_Private } from 'jose'
import type { KeyState, PublicJwk, SigningAlgorithm } from './signing-key.js'

/** A stored key, its secret opened. `verifyUntil` counts for retired keys only; without it a retired key verifies nothing. */
export interface OpenedKey {
  kid: string
  alg: SigningAlgorithm
  state: KeyState
  secret: string
  verifyUntil: Date | null
}

export interface Hs256Key {
  readonly alg: 'HS256'
  readonly kid: string
  /** The bytes of the secret's 64 hex characters as they stand, not what they encode. */
  readonly macKey: MacKey
}

export interface Es256Key {
  readonly alg: 'ES256'
  readonly kid: string
  readonly publicJwk: PublicJwk
  signingKey(): Promise<CryptoKey>
  verifyingKey(): Promise<CryptoKey>
}

export type RingKey = Hs256Key | Es256Key

interface Entry {
  key: RingKey
  state: KeyState
  verifyUntil: Date | null
}

const HS256_SECRET = /^[0-9a-f]{64}$/
const P256_COORDINATE = /^[A-Za-z0-9_-]{43}$/

/** The keys of one project. A key belongs to one algorithm; its `alg` and never the token's header decides how a signature is checked. */
export class KeyRing {
  readonly #entries = new Map<string, Entry>()
  readonly #current: RingKey | null

  /** Throws a plain error when a key is not well formed, a kid appears twice, or two keys are current. */
  constructor(keys: readonly OpenedKey[]) {
    let current: RingKey | null = null
    for (const opened of keys) {
      if (this.#entries.has(opened.kid)) throw new Error(`The kid ${opened.kid} appears twice in one ring.`)
      const key = opened.alg === 'HS256' ? hs256Key(opened) : es256Key(opened)
      this.#entries.set(opened.kid, { key, state: opened.state, verifyUntil: opened.verifyUntil })
      if (opened.state !== 'current') continue
      if (current) throw new Error('A ring has one current key.')
      current = key
    }
    this.#current = current
  }

  /** The key that signs. Throws a plain error when the ring has none. */
  current(): RingKey {
    if (!this.#current) throw new Error('The ring has no current key.')
    return this.#current
  }

  /**
   * The key that verifies tokens with this `kid` at `now`, or `null`. A standby key does: while a rotation spreads,
   * another process may already sign with it (P11).
   */
  byKid(kid: string, now: Date): RingKey | null {
    const entry = this.#entries.get(kid)
    return entry && verifies(entry, now) ? entry.key : null
  }

  /** Whether the key verifies for a while longer only; also true of a key that the ring does not have. */
  isRetired(kid: string): boolean {
    const state = this.#entries.get(kid)?.state
    return state === undefined || state === 'retired'
  }

  /**
   * The JWK Set to publish (RFC 7517, 5): every ES256 key that verifies at `now`. Retired keys stay until their date, or clients that
   * fetch the set would refuse tokens that are still good. HS256 keys have no public half: an HS256 ring gives an empty set.
   */
  publicJwks(now: Date): { keys: PublicJwk[] } {
    const keys: PublicJwk[] = []
    for (const entry of this.#entries.values()) if (entry.key.alg === 'ES256' && verifies(entry, now)) keys.push(entry.key.publicJwk)
    return { keys }
  }
}

function verifies(entry: Entry, now: Date): boolean {
  return entry.state !== 'retired' || (entry.verifyUntil !== null && now < entry.verifyUntil)
}

function hs256Key({ kid, secret }: OpenedKey): Hs256Key {
  if (!HS256_SECRET.test(secret)) throw new Error(`The HS256 key ${kid} is not 64 hex characters.`)
  return { alg: 'HS256', kid, macKey: macKey(secret) }
}

function es256Key({ kid, secret }: OpenedKey): Es256Key {
  const jwk = privateJwk(kid, secret)
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid, alg: 'ES256', use: 'sig' }
  return {
    alg: 'ES256',
    kid,
    publicJwk,
    signingKey: importOnce(jwk),
    verifyingKey: importOnce(publicJwk),
  }
}

function privateJwk(kid: string, secret: string): JWK_EC_Private & { x: string; y: string; d: string } {
  const { x, y, d } = parseObject(secret)
  if (!isCoordinate(x) || !isCoordinate(y) || !isCoordinate(d)) throw new Error(`The ES256 key ${kid} is not a private P-256 JWK.`)
  return { kty: 'EC', crv: 'P-256', x, y, d }
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // The parser's message quotes its input, which is a secret.
    return {}
  }
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && P256_COORDINATE.test(value)
}

/** Importing costs 3 to 5 times a signature: once per key, when first needed. */
function importOnce(jwk: PublicJwk | JWK_EC_Private): () => Promise<CryptoKey> {
  let imported: Promise<CryptoKey> | null = null
  return () => (imported ??= importEc(jwk))
}

async function importEc(jwk: PublicJwk | JWK_EC_Private): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'ES256')
  if (key instanceof Uint8Array) throw new Error('An EC key was imported as bytes.')
  return key
}
