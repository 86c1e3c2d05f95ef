import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { authService, type AuthService } from './auth-service.js'
import { lockService, saveService } from '../records/auth-service.store.js'

/** Users and secret are kept; the data plane refuses, the next boot gets neither variable. Disabling twice is fine. */
export class DisableAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async execute(scope: ProjectScope, caller: Caller): Promise<AuthService> {
    const now = this.clock.now()
    const disabled = await this.db.transaction(scope, async (tx) => {
      let service = await lockService(tx)
      if (service.enabled) {
        service = await saveService(tx, { ...service, enabled: false }, true, now)
        await recordAudit(
          tx,
          { ...doneBy(caller), action: 'auth.disabled', resource: 'project', resourceId: formatId('proj', scope.projectId) },
          now,
        )
      }
      return authService(tx, this.dataPlanePublicUrl, service, now)
    })
    this.directory.invalidate(scope.projectId)
    return disabled
  }
}
