import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { findLiveScopes, revokeApiKey } from '../records/api-key.store.js'

/** Ends a key of the caller's tenant that may do no more than the caller's own, which it may end too. */
export class RevokeApiKey {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly onRevoked: () => void,
  ) {}

  async execute(caller: Caller, keyId: string): Promise<{ id: string; revokedAt: Date }> {
    const now = this.clock.now()
    const scopes = await findLiveScopes(this.db, caller.tenantId, keyId)
    if (!scopes) throw new AuthError('not_found')
    // Else a key made for little could cut off the operator.
    const missing = scopes.filter((scope) => !caller.scopes.has(scope))
    if (missing.length > 0)
      throw new AuthError('insufficient_scope', {
        message: `A key can only revoke keys that may do no more than itself; yours lacks ${missing.join(', ')}.`,
      })
    const row = await revokeApiKey(this.db, caller, keyId, now)
    if (!row) throw new AuthError('not_found')
    this.onRevoked()
    return { id: row.id, revokedAt: now }
  }
}
