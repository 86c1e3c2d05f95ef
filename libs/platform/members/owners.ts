import type { PlatformDb } from '@portico/database/platform-db'
import type { ConsolePeople } from '../console/console-people.js'
import type { ConsoleProject } from '../console/console-project.js'
import { listMembersWithRole } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'

/** Who owns the installation: the owners of its home tenant. */
export class Owners {
  constructor(
    private readonly db: PlatformDb,
    private readonly project: ConsoleProject,
    private readonly people: ConsolePeople,
  ) {}

  /** Whether one of them could sign in at our own page; with `breakGlassAlone` one who may although an outside issuer is asked. */
  async canSignIn({ breakGlassAlone }: { breakGlassAlone: boolean }): Promise<boolean> {
    const tenantId = await homeTenantId(this.db)
    const owners = tenantId === null ? [] : await listMembersWithRole(this.db, tenantId, 'owner')
    const ids = owners.filter(({ breakGlass }) => breakGlass || !breakGlassAlone).map(({ userId }) => userId)
    if (ids.length === 0) return false
    const { projectId } = await this.project.ids()
    return (await this.people.whoCanSignIn(projectId, ids)).size > 0
  }
}
