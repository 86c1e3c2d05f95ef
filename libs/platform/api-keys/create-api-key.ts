import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import { ALL_PERMISSIONS, permissionOfScope, scopeOf } from '@portico/kernel/permissions'
import type { Caller } from '../caller.js'
import { mintApiKey, storedForm } from './api-key.js'
import { insertApiKey, type ApiKeyRow } from '../records/api-key.store.js'
import { countProjects } from '../records/project.store.js'
import { ALL_SCOPES, permissionsOfKey } from './scopes.js'

export interface CreateApiKeyInput {
  name: string
  /** Scopes, or the permissions that they stand for. */
  scopes: string[]
  expiresAt?: Date | null | undefined
  mode?: 'live' | 'test' | undefined
  /** Empty or not given: all of the tenant. */
  projectIds?: string[] | undefined
  readOnly?: boolean | undefined
  /** The member whose machine gets it. */
  userId?: string | null | undefined
}

/** Nobody can hand on more than they have themselves: neither a permission nor a project. */
export class CreateApiKey {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(caller: Caller, input: CreateApiKeyInput): Promise<{ row: ApiKeyRow; key: string }> {
    const now = this.clock.now()
    const named = input.scopes.map(permissionOfScope)
    if (named.includes(null)) throw invalidField('scopes', 'not_allowed', `Each must be one of ${ALL_SCOPES.join(', ')}.`)
    const scopes = ALL_PERMISSIONS.filter((permission) => named.includes(permission)).map(scopeOf)
    if (scopes.length === 0) throw invalidField('scopes', 'too_few', 'Give at least one scope.')
    if (input.expiresAt && input.expiresAt <= now) throw invalidField('expiresAt', 'in_the_past', 'This must be in the future.')
    const readOnly = input.readOnly ?? false
    const granted = permissionsOfKey({ scopes, readOnly })
    if (granted.size === 0) throw invalidField('scopes', 'too_few', 'A read-only key needs a scope that reads.')
    const missing = [...granted].filter((permission) => !caller.permissions.has(permission)).map(scopeOf)
    if (missing.length > 0)
      throw new AuthError('insufficient_scope', {
        message: `A key can only grant scopes that its maker has; yours lacks ${missing.join(', ')}.`,
      })
    const projectIds = [...new Set(input.projectIds ?? [])]
    const known = projectIds.every(isUuid) ? await countProjects(this.db, caller.tenantId, projectIds) : 0
    if (known !== projectIds.length)
      throw invalidField('projectIds', 'not_found', 'Each must be a project of the tenant.')
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
        projectIds,
        readOnly,
        userId: input.userId ?? null,
        expiresAt: input.expiresAt ?? null,
      },
      now,
    )
    return { row, key }
  }
}
