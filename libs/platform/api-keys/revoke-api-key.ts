import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { revokeApiKey } from '../records/api-key.store.js'

/** Ends a key of the caller's tenant, its own included. */
export class RevokeApiKey {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly onRevoked: () => void,
  ) {}

  async execute(caller: Caller, keyId: string): Promise<{ id: string; revokedAt: Date }> {
    const now = this.clock.now()
    const row = await revokeApiKey(this.db, caller, keyId, now)
    if (!row) throw new AuthError('not_found')
    this.onRevoked()
    return { id: row.id, revokedAt: now }
  }
}
