import type { PlatformDb } from '@portico/database/platform-db'
import { permissionsOfRole } from '@portico/kernel/permissions'
import { DEMO_VISITOR } from '../caller.js'
import { readConsole } from '../records/console.store.js'
import type { ConsoleVisitor } from './console-sessions.js'

/**
 * What the cookie of the console holds in the demo. No secret: whoever presses the button gets it, and it opens what the button opens. So
 * nothing is stored for a visitor, and no number of them fills a table.
 */
export const DEMO_COOKIE = 'demo'.padEnd(43, '-')

/** Whoever looks around in the demo: a viewer of the tenant of the made-up projects, and of no other. */
export class DemoVisitors {
  #tenantId: string | null = null

  constructor(private readonly db: PlatformDb) {}

  /** `null` until the projects are made. */
  async visitor(): Promise<ConsoleVisitor | null> {
    const tenantId = await this.tenantId()
    if (tenantId === null) return null
    const actor = { type: 'platform_user', id: DEMO_VISITOR } as const
    return { sessionId: null, tenantId, actor, person: null, role: 'viewer', permissions: PERMISSIONS, projects: null }
  }

  async tenantId(): Promise<string | null> {
    return (this.#tenantId ??= (await readConsole(this.db))?.demoTenantId ?? null)
  }
}

const PERMISSIONS = new Set(permissionsOfRole('viewer', false))
