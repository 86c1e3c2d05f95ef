import { exportJWK, generateKeyPair } from 'jose'
import type { Entropy } from '@portico/kernel/entropy'

export type SigningAlgorithm = 'HS256' | 'ES256'

/** Standby: known to verifiers, not signing yet. Current: signs. Retired: verifies until a date. */
export type KeyState = 'standby' | 'current' | 'retired'

/** The public half of an ES256 key as it is published (RFC 7517). */
export interface PublicJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  kid: string
  alg: 'ES256'
  use: 'sig'
}

export interface GeneratedSigningKey {
  /** 16 base64url characters. */
  kid: string
  alg: SigningAlgorithm
  /** HS256: 64 hex characters, used as they are (UTF-8 bytes, not decoded). ES256: the private JWK as JSON. Seal before storing. */
  secret: string
  /** `null` for HS256: it has no public half. */
  publicJwk: PublicJwk | null
}

const KID_BYTES = 12
const HS256_SECRET_BYTES = 32

/** A new key of one project. */
export async function generateSigningKey(alg: SigningAlgorithm, entropy: Entropy): Promise<GeneratedSigningKey> {
  const kid = entropy.bytes(KID_BYTES).toString('base64url')
  if (alg === 'HS256') return { kid, alg, secret: entropy.bytes(HS256_SECRET_BYTES).toString('hex'), publicJwk: null }
  const pair = await generateKeyPair('ES256', { extractable: true })
  const { x, y, d } = await exportJWK(pair.privateKey)
  if (x === undefined || y === undefined || d === undefined) throw new Error('The generated key has no EC coordinates.')
  const point = { kty: 'EC', crv: 'P-256', x, y } as const
  return { kid, alg, secret: JSON.stringify({ ...point, d }), publicJwk: { ...point, kid, alg, use: 'sig' } }
}
