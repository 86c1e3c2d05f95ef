import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { listFactors, type ListedFactor } from '../records/factors.view.js'
import { countRecoveryCodes } from '../records/recovery-code.store.js'

/** The user's second factors, passkeys among them. */
export class ListFactors {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession): Promise<{ factors: ListedFactor[]; recoveryCodesLeft: number }> {
    const [factors, recoveryCodesLeft] = await Promise.all([
      listFactors(this.db, project.scope, session.user.id),
      countRecoveryCodes(this.db, project.scope, session.user.id),
    ])
    return { factors, recoveryCodesLeft }
  }
}
