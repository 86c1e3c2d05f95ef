import { base64url } from './one-time-flow.js'

const IV_BYTES = 12
const SHORTEST_SECRET = 32

type Key = Parameters<SubtleCrypto['encrypt']>[1]

/**
 * What a cookie holds: JSON, sealed (AES-256-GCM, a key by HKDF from the app's secret) when there is a secret, else as it is. Both are safe
 * where the cookie is: sealed, one that was copied from a log or a disk is of no use at `AUTH_URL` without the app's server. Of several
 * secrets the first seals and all open, so that a secret can be replaced.
 */
export class CookieSeal {
  readonly #keys: Promise<Key>[]

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) {
      if (secret.length < SHORTEST_SECRET) throw new TypeError(`The secret for cookies needs ${SHORTEST_SECRET} characters: openssl rand -hex 32`)
    }
    this.#keys = secrets.map(keyOf)
  }

  /** `name`: a value that was sealed for one cookie opens as no other. */
  async seal(name: string, value: unknown): Promise<string> {
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    const [key] = this.#keys
    if (!key) return base64url(bytes.buffer)
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher(iv, name), await key, bytes))
    return base64url(Uint8Array.of(...iv, ...sealed).buffer)
  }

  /** `null` for everything that was not written by `seal` with one of these secrets. */
  async open(name: string, text: string | null): Promise<Record<string, unknown> | null> {
    const bytes = text === null ? null : decode(text)
    if (bytes === null) return null
    if (this.#keys.length === 0) return parse(bytes)
    for (const key of this.#keys) {
      try {
        const iv = bytes.slice(0, IV_BYTES)
        return parse(new Uint8Array(await crypto.subtle.decrypt(cipher(iv, name), await key, bytes.slice(IV_BYTES))))
      } catch {
        // Another secret's, or nobody's.
      }
    }
    return null
  }
}

const cipher = (iv: Uint8Array<ArrayBuffer>, name: string) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) })

async function keyOf(secret: string): Promise<Key> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveKey'])
  const info = new TextEncoder().encode('portico cookie session')
  const derived = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return crypto.subtle.deriveKey(derived, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function decode(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
