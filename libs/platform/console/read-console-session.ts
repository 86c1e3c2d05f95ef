import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Owners } from './owners.js'
import type { ConsoleAccessMode } from '../records/console.store.js'
import { listMemberships } from '../records/member.store.js'
import { findTenantName } from '../records/tenant.store.js'
import type { ConsoleAccess } from './console-access.js'
import type { ConsoleVisitor } from './console-sessions.js'

export interface ConsoleState {
  mode: ConsoleAccessMode
  /** Whether the mode is said by the configuration, and cannot be chosen in the console. */
  modeIsConfigured: boolean
  /** There is no owner yet, and nobody who could make one but the holder of the code that was printed at start. */
  setupRequired: boolean
  visitor: ConsoleVisitor | null
  tenant: { id: string; name: string } | null
  /** Where else the person is a member. */
  tenants: { id: string; name: string; role: string }[]
}

/** What a page of the console has to know before it shows anything. */
export class ReadConsoleSession {
  constructor(
    private readonly db: PlatformDb,
    private readonly access: ConsoleAccess,
    private readonly owners: Owners,
  ) {}

  async execute(visitor: ConsoleVisitor | null): Promise<ConsoleState> {
    const mode = await this.access.mode()
    const [name, memberships, setupRequired] = await Promise.all([
      visitor === null ? null : findTenantName(this.db, visitor.tenantId),
      visitor === null || visitor.person === null ? [] : listMemberships(this.db, visitor.person.id),
      mode === 'password' && visitor === null ? this.owners.exist().then((any) => !any) : false,
    ])
    if (visitor !== null && name === null) throw new AuthError('unauthenticated')
    return {
      mode,
      modeIsConfigured: this.access.isConfigured,
      setupRequired,
      visitor,
      tenant: visitor === null || name === null ? null : { id: visitor.tenantId, name },
      tenants: memberships.map(({ tenantId, tenant, role }) => ({ id: tenantId, name: tenant.name, role })),
    }
  }
}
