import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { mintApiKey, storedForm } from '../api-keys/api-key.js'
import { TENANT_SCOPES } from '../api-keys/scopes.js'
import type { Caller } from '../caller.js'
import { isUniqueViolation } from '../platform-errors.js'
import { slugOf } from '../slug.js'
import type { ApiKeyRow } from '../records/api-key.store.js'
import { insertTenant, type TenantRow } from '../records/tenant.store.js'

/** For the operator: a tenant and its first key, which has every scope but the operator's. */
export class CreateTenant {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    caller: Caller,
    input: { name: string; slug?: string | undefined },
  ): Promise<{ tenant: TenantRow; firstKey: ApiKeyRow; key: string }> {
    const tenantId = this.entropy.uuid()
    const key = mintApiKey('live', this.entropy)
    const slug = input.slug ?? `${slugOf(input.name, 'tenant')}-${this.entropy.bytes(3).toString('hex')}`
    const newKey = { id: this.entropy.uuid(), tenantId, name: 'first key', ...storedForm(key), scopes: [...TENANT_SCOPES], expiresAt: null }
    try {
      const made = await insertTenant(this.db, caller, { id: tenantId, name: input.name, slug }, newKey, this.clock.now())
      return { tenant: made.tenant, firstKey: made.key, key }
    } catch (error) {
      if (isUniqueViolation(error))
        throw new AuthError('conflict', {
          cause: error,
          details: [{ field: 'slug', code: 'taken', message: 'Another tenant has this slug.' }],
        })
      throw error
    }
  }
}
