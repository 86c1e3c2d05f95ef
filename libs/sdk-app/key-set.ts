import { invalidToken, TokenError } from './token-error.js'

const FRESH_MS = 10 * 60_000
// An unknown kid is most often a forgery: it may cause one fetch in this time, not one each.
const COOLDOWN_MS = 30_000
const FETCH_LIMIT_MS = 5_000
const MOST_SETS = 16

type PublicKey = Parameters<SubtleCrypto['verify']>[1]

/** The public keys at one JWKS URL, fetched when needed and kept (RFC 7517). Only ES256 keys are taken from it. */
export class KeySet {
  #keys = new Map<string, PublicKey>()
  #fetchedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(private readonly url: string) {}

  /** Throws `invalid_token` for a kid that the set does not have, `unavailable` when the set was never seen. */
  async key(kid: string): Promise<PublicKey> {
    const now = Date.now()
    const known = this.#keys.get(kid)
    if (known && now - this.#fetchedAt < FRESH_MS) return known
    if (this.#fetching || now - this.#triedAt >= COOLDOWN_MS || this.#fetchedAt === Number.NEGATIVE_INFINITY) {
      // Known keys go on when the set cannot be fetched: an outage of the auth service should not become one of the app.
      await this.#fetchOnce().catch((error: unknown) => {
        if (this.#fetchedAt === Number.NEGATIVE_INFINITY) throw new TokenError('unavailable', 'the key set could not be fetched', error)
      })
    }
    const key = this.#keys.get(kid)
    if (!key) throw invalidToken('the key set has no key with this kid')
    return key
  }

  #fetchOnce(): Promise<void> {
    this.#triedAt = Date.now()
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<void> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), FETCH_LIMIT_MS)
    try {
      const response = await fetch(this.url, { headers: { Accept: 'application/json' }, redirect: 'manual', signal: controller.signal })
      if (!response.ok) throw new Error(`The key set answered ${response.status}.`)
      const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid?: string })[] }
      const imported = new Map<string, PublicKey>()
      for (const { kid, kty, crv, x, y, use } of keys) {
        if (!kid || kty !== 'EC' || crv !== 'P-256' || !x || !y || (use ?? 'sig') !== 'sig') continue
        imported.set(
          kid,
          await crypto.subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']),
        )
      }
      this.#keys = imported
      this.#fetchedAt = Date.now()
    } finally {
      clearTimeout(timer)
    }
  }
}

const sets = new Map<string, KeySet>()

/** One set per URL and process, so that every caller shares its cache and its cooldown. */
export function keySetAt(url: string): KeySet {
  const known = sets.get(url)
  if (known) return known
  if (sets.size >= MOST_SETS) sets.delete(sets.keys().next().value ?? '')
  const set = new KeySet(url)
  sets.set(url, set)
  return set
}
