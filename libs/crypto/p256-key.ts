import { createECDH, createHash } from 'node:crypto'
import { hmacSha256 } from './hmac.js'

/** A private key of P-256 as the coordinates of a JWK (RFC 7518, 6.2). */
export interface P256Key {
  /** The thumbprint of the public half (RFC 7638). */
  kid: string
  d: string
  x: string
  y: string
}

/**
 * The key that follows from a secret, so that it need not be stored: who rotates the secret has another key from then on. A number beyond
 * the order of the curve, which comes once in 2^32, is drawn again.
 */
export function deriveP256Key(secret: Buffer, purpose: string): P256Key {
  for (let round = 0; ; round += 1) {
    const ecdh = createECDH('prime256v1')
    const d = hmacSha256(secret, `${purpose} ${round}`)
    try {
      ecdh.setPrivateKey(d)
    } catch {
      continue
    }
    const point = ecdh.getPublicKey()
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
    const kid = createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url')
    return { kid, d: d.toString('base64url'), x, y }
  }
}
