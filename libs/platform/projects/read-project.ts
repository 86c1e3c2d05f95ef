import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Caller } from '../caller.js'
import { findProject, type ProjectRow } from '../records/project.store.js'

/** Also an archived project, as long as it is not purged. */
export class ReadProject {
  constructor(private readonly db: PlatformDb) {}

  async execute(caller: Caller, projectId: string): Promise<ProjectRow> {
    const row = await findProject(this.db, caller.tenantId, projectId)
    if (!row) throw new AuthError('not_found')
    return row
  }
}
