import { digestToken } from '@portico/crypto/token-digest'
import { backendKeyScopes } from '@portico/database/backend-key'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectRecord } from '@portico/database/project-directory'
import { addressForLimits, readAddress } from '@portico/http/client-address'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyRequest } from 'fastify'

/** What a key must be allowed to do so that its holder may say who calls. */
export const FORWARD_SCOPE = 'clients:forward'

const KEY = /^msk_(live|test)_[A-Za-z0-9_-]{43}$/
const FAILED_KEYS: Limit = { name: 'backend_key_failures', points: 60, windowSeconds: 60 }
// «Effective within one second everywhere», a revocation too.
const MAX_AGE_MS = 900
const MAX_KEYS = 1_000

/** Whether a server speaks for somebody. */
export function vouches(request: FastifyRequest): boolean {
  return request.headers['x-portico-client-address'] !== undefined || request.headers['x-portico-key'] !== undefined
}

/**
 * An app's server calls for its end users, and limits by client would count all of them as one. It may say whose call it is, with an API
 * key of the project's tenant that has the scope `clients:forward`: in a header of its own, since `Authorization` is the end user's.
 */
export class VouchedClient {
  readonly #scopes = new Map<string, { scopes: readonly string[]; readAt: number }>()

  constructor(
    private readonly sql: PlatformSql,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /**
   * Throws `unauthenticated`, `insufficient_scope`, `rate_limited` after too many bad keys, and `invalid_request` for what is no address.
   */
  async execute(request: FastifyRequest, project: ProjectRecord): Promise<void> {
    const { 'x-portico-key': key, 'x-portico-client-address': text } = request.headers
    const scopes = typeof key === 'string' && KEY.test(key) ? await this.#scopesOf(project, key) : null
    if (!scopes) {
      const subject = addressForLimits(request.clientInfo().ip)
      await this.limits.enforce(project.scope.projectId, [{ limit: FAILED_KEYS, subject }])
      throw new AuthError('unauthenticated', { message: 'X-Portico-Client-Address needs a valid API key in X-Portico-Key.' })
    }
    if (!scopes.includes(FORWARD_SCOPE))
      throw new AuthError('insufficient_scope', { message: `The API key lacks the scope ${FORWARD_SCOPE}.` })
    if (text === undefined) return
    const address = typeof text === 'string' ? readAddress(text) : null
    if (address === null) throw new AuthError('invalid_request', { message: 'X-Portico-Client-Address must be one IP address.' })
    request.vouchedAddress = address
  }

  async #scopesOf(project: ProjectRecord, key: string): Promise<readonly string[] | null> {
    const digest = digestToken(key)
    const name = `${project.scope.projectId} ${digest.toString('hex')}`
    const now = this.monotonicMs()
    const found = this.#scopes.get(name)
    if (found && now - found.readAt < MAX_AGE_MS) return found.scopes
    this.#scopes.delete(name)
    const scopes = await backendKeyScopes(this.sql, digest, project.scope.projectId, this.clock.now())
    // Only what is real is remembered: guesses must not push real keys out.
    if (!scopes) return null
    if (this.#scopes.size >= MAX_KEYS) this.#scopes.delete(this.#scopes.keys().next().value!)
    this.#scopes.set(name, { scopes, readAt: now })
    return scopes
  }
}
