import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { relatedOrigins } from '../../steps/passkey/relying-party.js'

/** WebAuthn, 5.11: the other origins on which browsers may use the project's passkeys. */
export class ReadRelatedOrigins {
  constructor(private readonly db: ProjectDb) {}

  execute(project: ProjectRecord): Promise<{ origins: string[] }> {
    return relatedOrigins(this.db, project)
  }
}
