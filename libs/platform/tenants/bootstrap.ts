import type { PlatformDb } from '@portico/database/platform-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { storedForm } from '../api-keys/api-key.js'
import { ALL_SCOPES } from '../api-keys/scopes.js'
import { isUniqueViolation } from '../platform-errors.js'
import { hasTenant, insertTenant } from '../records/tenant.store.js'

/** First start with no tenant: makes tenant `default` with the configured key, every scope. Several processes may try at once. */
export class Bootstrap {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** `created`, `existing` (there are tenants already), or `no_key` (none, and no key was configured). */
  async execute(bootstrapApiKey: string | null): Promise<'created' | 'existing' | 'no_key'> {
    if (await hasTenant(this.db)) return 'existing'
    if (bootstrapApiKey === null) return 'no_key'
    const tenantId = this.entropy.uuid()
    const key = {
      id: this.entropy.uuid(),
      tenantId,
      name: 'bootstrap',
      ...storedForm(bootstrapApiKey),
      scopes: [...ALL_SCOPES],
      expiresAt: null,
    }
    try {
      await insertTenant(this.db, null, { id: tenantId, name: 'Default', slug: 'default' }, key, this.clock.now())
      return 'created'
    } catch (error) {
      // Another process was first; its slug `default` refused ours.
      if (isUniqueViolation(error)) return 'existing'
      throw error
    }
  }
}
