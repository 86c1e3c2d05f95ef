import type { PlatformDb } from '@portico/database/platform-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { storedForm } from '../api-keys/api-key.js'
import { ALL_SCOPES } from '../api-keys/scopes.js'
import { hasApiKey } from '../records/api-key.store.js'
import { homeTenantId, insertHomeTenant } from '../records/tenant.store.js'

/**
 * First start: tenant `default`, and the configured key with every scope, as long as there never was a key. Several processes may try at
 * once.
 */
export class Bootstrap {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** `created` (the tenant, its key, or both), `existing`, or `no_key` (there is none, and none was configured). */
  async execute(bootstrapApiKey: string | null): Promise<'created' | 'existing' | 'no_key'> {
    const [home, keyed] = await Promise.all([homeTenantId(this.db), hasApiKey(this.db)])
    if (home !== null && (keyed || bootstrapApiKey === null)) return keyed ? 'existing' : 'no_key'
    const key =
      bootstrapApiKey === null
        ? null
        : { id: this.entropy.uuid(), name: 'bootstrap', ...storedForm(bootstrapApiKey), scopes: [...ALL_SCOPES], expiresAt: null }
    const made = await insertHomeTenant(this.db, this.entropy.uuid(), key, this.clock.now())
    if (key === null && !keyed) return 'no_key'
    return made === 'made' ? 'created' : 'existing'
  }
}
