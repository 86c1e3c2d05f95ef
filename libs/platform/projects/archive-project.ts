import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import { archiveProject, findProject, type ProjectRow } from '../records/project.store.js'

/** Auth stops at once; everything is purged 30 days later. Archiving again changes nothing. */
export class ArchiveProject {
  constructor(
    private readonly db: PlatformDb,
    private readonly directory: ProjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, projectId: string): Promise<ProjectRow> {
    const row =
      (await archiveProject(this.db, caller, projectId, this.clock.now())) ?? (await findProject(this.db, caller.tenantId, projectId))
    if (!row) throw new AuthError('not_found')
    this.directory.invalidate(projectId)
    return row
  }
}
