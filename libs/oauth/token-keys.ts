import type { OutboundFetch } from '@portico/outbound/guarded-http'
import * as oauth from 'oauth4webapi'
import { OAuthProblem } from './oauth-problem.js'
import { isRecord, readJson } from './read-json.js'
import { endpoint } from './server-metadata.js'

const MAX_AGE_MS = 5 * 60_000
const MAX_KEYS = 100
/** Keys that fit and are tried: each costs a verification, and the author of the key set chooses how dear it is. */
const MAX_TRIED = 8

interface KeySet {
  keys: oauth.JWK[]
  readAt: number
}

/**
 * The keys that servers sign with. A token that no remembered key verifies has the set read once more, for a server that rotates; what the
 * new set does not verify either is refused. Every fitting key is tried: some servers send no `kid`, and some give two keys the same one
 * while they rotate.
 */
export class TokenKeys {
  readonly #sets = new WeakMap<oauth.AuthorizationServer, KeySet>()

  constructor(
    private readonly allowLoopback: boolean,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** @param answer an answer whose JWT the library has read. Throws `OAuthProblem`. */
  async verify(as: oauth.AuthorizationServer, answer: Response, fetch: OutboundFetch): Promise<void> {
    const known = this.#sets.get(as)
    if (known && this.monotonicMs() - known.readAt < MAX_AGE_MS && (await verifiedBySome(as, answer, known.keys))) return
    const fresh = { keys: await this.#read(as, fetch), readAt: this.monotonicMs() }
    this.#sets.set(as, fresh)
    if (!(await verifiedBySome(as, answer, fresh.keys)))
      throw new OAuthProblem('untrusted', 'no key of the provider verifies the signature')
  }

  async #read(as: oauth.AuthorizationServer, fetch: OutboundFetch): Promise<oauth.JWK[]> {
    const url = endpoint(as, 'jwks_uri', this.allowLoopback)
    const set = await readJson(await fetch(url, { headers: { accept: 'application/json, application/jwk-set+json' } }), 'the key set')
    if (!isRecord(set) || !Array.isArray(set['keys'])) throw new OAuthProblem('untrusted', 'the key set has no keys')
    return set['keys'].filter(isRecord).slice(0, MAX_KEYS) as oauth.JWK[]
  }
}

async function verifiedBySome(as: oauth.AuthorizationServer, answer: Response, keys: readonly oauth.JWK[]): Promise<boolean> {
  let tried = 0
  for (const key of keys) {
    // A server of its own for each candidate: the library then selects among one key, and refuses it when kid, type or use do not fit.
    const single = { ...as }
    const cache = { jwks: { keys: [key] }, uat: Math.floor(Date.now() / 1000) }
    try {
      await oauth.validateApplicationLevelSignature(single, answer, { [oauth.jwksCache]: cache })
      return true
    } catch (error) {
      // The next one may fit; what none verifies is refused by the caller.
      const fitted = !(error instanceof oauth.OperationProcessingError && error.code === oauth.KEY_SELECTION)
      if (fitted && (tried += 1) >= MAX_TRIED) return false
    }
  }
  return false
}

/** An ID token that the server signs with the client's own secret (OpenID Connect Core, 10.1), as LINE does. */
export async function verifyWithSecret(jwt: string, secret: string): Promise<void> {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const right = await crypto.subtle.verify('HMAC', key, Buffer.from(signature, 'base64url'), encoder.encode(`${header}.${payload}`))
  if (!right) throw new OAuthProblem('untrusted', 'the client secret does not verify the signature')
}
