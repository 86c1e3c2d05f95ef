import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { mintApiKey, storedForm } from './api-key.js'
import { insertApiKey, type ApiKeyRow } from '../records/api-key.store.js'
import { ALL_SCOPES } from './scopes.js'

export interface CreateApiKeyInput {
  name: string
  scopes: string[]
  expiresAt?: Date | null | undefined
  mode?: 'live' | 'test' | undefined
}

/** A key can only hand on scopes that it has itself. */
export class CreateApiKey {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(caller: Caller, input: CreateApiKeyInput): Promise<{ row: ApiKeyRow; key: string }> {
    const now = this.clock.now()
    const scopes = ALL_SCOPES.filter((scope) => input.scopes.includes(scope))
    if (input.scopes.some((scope) => !ALL_SCOPES.includes(scope)))
      throw invalidField('scopes', 'not_allowed', `Each must be one of ${ALL_SCOPES.join(', ')}.`)
    if (scopes.length === 0) throw invalidField('scopes', 'too_few', 'Give at least one scope.')
    if (input.expiresAt && input.expiresAt <= now) throw invalidField('expires_at', 'in_the_past', 'This must be in the future.')
    const missing = scopes.filter((scope) => !caller.scopes.has(scope))
    if (missing.length > 0)
      throw new AuthError('insufficient_scope', {
        message: `A key can only grant scopes it has itself; yours lacks ${missing.join(', ')}.`,
      })
    const key = mintApiKey(input.mode ?? 'live', this.entropy)
    const row = await insertApiKey(
      this.db,
      caller,
      {
        id: this.entropy.uuid(),
        tenantId: caller.tenantId,
        name: input.name,
        ...storedForm(key),
        scopes,
        expiresAt: input.expiresAt ?? null,
      },
      now,
    )
    return { row, key }
  }
}
