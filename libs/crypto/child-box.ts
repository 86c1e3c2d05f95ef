import { createCipheriv, createDecipheriv } from 'node:crypto'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { hmacSha256 } from './hmac.js'
import { lengthPrefixed } from './length-prefixed.js'
import { SealedBoxError, type SealedBox } from './sealed-box.js'

const PURPOSE = 'refresh-child'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Keeps the child of a refresh token for the few seconds in which its parent may come again.
 *
 * The AES-256-GCM key is HMAC-SHA-256(subkey of the master key, parent token): the database alone does not open it, nor do the database and the
 * master key together, because the parent is stored as a digest only. Only a caller who brings the parent gets the child.
 * One key meets at most as many random 96-bit nonces as there are parallel callers.
 */
export class ChildBox {
  readonly #current: Buffer
  readonly #previous: Buffer | null
  readonly #entropy: Entropy

  constructor(box: SealedBox, entropy: Entropy = systemEntropy) {
    this.#current = box.deriveSubkey(PURPOSE)
    this.#previous = box.derivePreviousSubkey(PURPOSE)
    this.#entropy = entropy
  }

  seal(child: string, parent: string, projectId: string): Buffer {
    const nonce = this.#entropy.bytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', keyOf(this.#current, parent), nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(lengthPrefixed([PURPOSE, projectId]))
    return Buffer.concat([nonce, cipher.update(child, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** Also opens what another process sealed before a rotation of the master key. Throws `SealedBoxError`. */
  open(sealed: Buffer, parent: string, projectId: string): string {
    const child = tryOpen(this.#current, sealed, parent, projectId) ?? (this.#previous && tryOpen(this.#previous, sealed, parent, projectId))
    if (child === null) throw new SealedBoxError('damaged')
    return child
  }
}

function keyOf(subkey: Buffer, parent: string): Buffer {
  return hmacSha256(subkey, lengthPrefixed([PURPOSE, parent]))
}

function tryOpen(subkey: Buffer, sealed: Buffer, parent: string, projectId: string): string | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', keyOf(subkey, parent), sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(lengthPrefixed([PURPOSE, projectId]))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}
