import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { findPasswordHash } from '../records/end-user-search.store.js'

/** Whether there is a password to ask the owner of an account for. */
export class HasPassword {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string): Promise<boolean> {
    return (await findPasswordHash(this.db, project, userId)) !== null
  }
}
