import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { permissionsOfKey } from './scopes.js'
import { scopeOf } from '@portico/kernel/permissions'
import { findLiveApiKey, revokeApiKey } from '../records/api-key.store.js'

/** Ends a key of the caller's tenant that may do no more than the caller's own, which it may end too. */
export class RevokeApiKey {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly onRevoked: () => void,
  ) {}

  async execute(caller: Caller, keyId: string): Promise<{ id: string; revokedAt: Date }> {
    const now = this.clock.now()
    const key = await findLiveApiKey(this.db, caller.tenantId, keyId)
    if (!key) throw new AuthError('not_found')
    // Else a key made for little could cut off the operator.
    const missing = [...permissionsOfKey(key)].filter((permission) => !caller.permissions.has(permission)).map(scopeOf)
    if (missing.length > 0)
      throw new AuthError('insufficient_scope', {
        message: `Only keys that may do no more than their revoker can be revoked; yours lacks ${missing.join(', ')}.`,
      })
    const row = await revokeApiKey(this.db, caller, keyId, now)
    if (!row) throw new AuthError('not_found')
    this.onRevoked()
    return { id: row.id, revokedAt: now }
  }
}
