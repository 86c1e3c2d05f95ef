import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { lengthPrefixed } from './length-prefixed.js'

/** Where a sealed value lives. It opens only there: moved to another project, purpose or row it is refused. */
export interface SealContext {
  projectId: string
  purpose: string
  id: string
}

export interface MasterKeys {
  current: Buffer
  previous?: Buffer | undefined
}

/** Why a value did not open: for the log and the operator, never for a caller. */
export type SealedBoxReason = 'damaged' | 'unknown_master_key'

/** The one error of `SealedBox`. It never says which byte or which check was wrong. */
export class SealedBoxError extends Error {
  readonly reason: SealedBoxReason

  constructor(reason: SealedBoxReason, options?: { cause?: unknown }) {
    super('The sealed value cannot be opened.', options)
    this.name = 'SealedBoxError'
    this.reason = reason
  }
}

interface MasterKey {
  id: Buffer
  secret: Buffer
  wrappingKey: Buffer
}

const VERSION = 1
const KEY_BYTES = 32
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + KEY_ID_BYTES
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
const OVERHEAD_BYTES = HEADER_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES

/**
 * Reversible protection of stored secrets: AES-256-GCM envelopes under the master key.
 *
 * Form: version (1), master key id (4), nonce (12), wrapped data key (32 + 16), nonce (12), ciphertext, tag (16): 93 bytes added.
 * The associated data of both layers is the header and the context, so neither a value nor its wrapped key can be moved to another row.
 *
 * Nonces: GCM breaks when a nonce repeats under one key. The data key is fresh for every value and used once, so no number of values
 * is too many. The wrapping key meets one random 96-bit nonce per value: after 2^32 seals a repeat has a chance of 2^-33
 * (the bound of NIST SP 800-38D, 8.3), and what it encrypts is always a random key. Rotate the master key before that.
 */
export class SealedBox {
  readonly #current: MasterKey
  readonly #previous: MasterKey | null
  readonly #entropy: Entropy

  constructor(keys: MasterKeys, entropy: Entropy = systemEntropy) {
    this.#current = masterKey(keys.current)
    const previous = keys.previous === undefined ? null : masterKey(keys.previous)
    const same = previous !== null && previous.id.equals(this.#current.id)
    if (same && !previous.secret.equals(this.#current.secret)) throw new Error('The two master keys have the same id. Choose another one.')
    this.#previous = same ? null : previous
    this.#entropy = entropy
  }

  seal(plaintext: Buffer | string, context: SealContext): Buffer {
    const header = Buffer.concat([Buffer.of(VERSION), this.#current.id])
    const associated = associatedData(header, context)
    const dataKey = this.#entropy.bytes(KEY_BYTES)
    const wrapped = encrypt(this.#current.wrappingKey, this.#entropy.bytes(NONCE_BYTES), dataKey, associated)
    const body = encrypt(dataKey, this.#entropy.bytes(NONCE_BYTES), toBytes(plaintext), associated)
    dataKey.fill(0)
    return Buffer.concat([header, wrapped, body])
  }

  /** The value that was sealed for exactly this context. Throws `SealedBoxError` for anything else. */
  open(sealed: Buffer, context: SealContext): Buffer {
    const key = this.#keyOf(sealed)
    const header = sealed.subarray(0, HEADER_BYTES)
    const associated = associatedData(header, context)
    const dataKey = decrypt(key.wrappingKey, sealed.subarray(HEADER_BYTES, HEADER_BYTES + WRAPPED_BYTES), associated)
    const plaintext = decrypt(dataKey, sealed.subarray(HEADER_BYTES + WRAPPED_BYTES), associated)
    dataKey.fill(0)
    return plaintext
  }

  /** Whether the value is still under the previous master key. Throws `SealedBoxError` when it is under neither. */
  needsReseal(sealed: Buffer): boolean {
    return this.#keyOf(sealed) !== this.#current
  }

  /** The same value under the current master key and a fresh data key. */
  reseal(sealed: Buffer, context: SealContext): Buffer {
    return this.seal(this.open(sealed, context), context)
  }

  /** 32 bytes that depend on the current master key and the purpose only: the key of one other use, such as deriving mail tokens. */
  deriveSubkey(purpose: string): Buffer {
    return derive(this.#current.secret, `portico/subkey/${purpose}`)
  }

  /** The same under the previous master key, for what was derived before a rotation; `null` when there is none. */
  derivePreviousSubkey(purpose: string): Buffer | null {
    return this.#previous === null ? null : derive(this.#previous.secret, `portico/subkey/${purpose}`)
  }

  #keyOf(sealed: Buffer): MasterKey {
    if (sealed.length < OVERHEAD_BYTES || sealed[0] !== VERSION) throw new SealedBoxError('damaged')
    const id = sealed.subarray(1, HEADER_BYTES)
    if (this.#current.id.equals(id)) return this.#current
    if (this.#previous?.id.equals(id)) return this.#previous
    throw new SealedBoxError('unknown_master_key')
  }
}

function masterKey(secret: Buffer): MasterKey {
  if (secret.length !== KEY_BYTES) throw new RangeError(`A master key has ${KEY_BYTES} bytes.`)
  // The id is a digest of a derived value, so that it tells nothing about the master key itself.
  const id = createHash('sha256').update(derive(secret, 'portico/sealed-box/key-id')).digest().subarray(0, KEY_ID_BYTES)
  return { id, secret: Buffer.from(secret), wrappingKey: derive(secret, 'portico/sealed-box/wrapping-key') }
}

function derive(secret: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, KEY_BYTES))
}

function associatedData(header: Buffer, context: SealContext): Buffer {
  return Buffer.concat([header, lengthPrefixed([context.projectId, context.purpose, context.id])])
}

function toBytes(plaintext: Buffer | string): Buffer {
  return typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext
}

function encrypt(key: Buffer, nonce: Buffer, plaintext: Buffer, associated: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, associated: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const ciphertext = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch (error) {
    throw new SealedBoxError('damaged', { cause: error })
  }
}
