import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { ALL_PERMISSIONS, type Permission } from '@portico/kernel/permissions'
import type { Caller } from '../caller.js'
import type { ConsolePeople, ConsolePerson } from '../console/console-people.js'
import { findLiveApiKey, type ApiKeyRow } from '../records/api-key.store.js'
import { listMemberships } from '../records/member.store.js'
import { findTenantName } from '../records/tenant.store.js'

export interface Me {
  /** `open`: a console that asks for no name, or a token. */
  type: 'user' | 'api_key' | 'open'
  person: ConsolePerson | null
  apiKey: ApiKeyRow | null
  role: string | null
  permissions: Permission[]
  /** `null`: all of the tenant. */
  projectIds: string[] | null
  tenant: { id: string; name: string }
  tenants: { id: string; name: string; role: string }[]
}

export class ReadMe {
  constructor(
    private readonly db: PlatformDb,
    private readonly people: ConsolePeople,
  ) {}

  async execute(caller: Caller): Promise<Me> {
    const { actor, tenantId } = caller
    const name = await findTenantName(this.db, tenantId)
    if (name === null) throw new AuthError('unauthenticated')
    const common = {
      permissions: ALL_PERMISSIONS.filter((permission) => caller.permissions.has(permission)),
      projectIds: caller.projects && [...caller.projects],
      tenant: { id: tenantId, name },
    }
    if (actor.type === 'api_key') {
      const apiKey = await findLiveApiKey(this.db, tenantId, actor.id)
      return { ...common, type: 'api_key', person: null, apiKey, role: null, tenants: [] }
    }
    if (actor.id === null || !isUuid(actor.id)) {
      const role = caller.permissions.has('team.manage') ? 'owner' : null
      return { ...common, type: 'open', person: null, apiKey: null, role, tenants: [] }
    }
    const [memberships, people] = await Promise.all([listMemberships(this.db, actor.id), this.people.byIds([actor.id])])
    return {
      ...common,
      type: 'user',
      person: people.get(actor.id) ?? null,
      apiKey: null,
      role: memberships.find((member) => member.tenantId === tenantId)?.role ?? null,
      tenants: memberships.map((member) => ({ id: member.tenantId, name: member.tenant.name, role: member.role })),
    }
  }
}
