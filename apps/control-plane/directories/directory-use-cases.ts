import type { ProjectDb } from '@portico/database/project-db'
import { ManageDirectories } from '@portico/end-user/directory/manage-directories'
import { ManageDirectoryTokens } from '@portico/end-user/directory/manage-directory-tokens'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'

/** What operators do with the directories of a project. */
export function makeDirectoryUseCases(db: ProjectDb, clock: Clock, entropy: Entropy, dataPlaneUrl: string) {
  return {
    directories: new ManageDirectories(db, clock, entropy),
    directoryTokens: new ManageDirectoryTokens(db, clock, entropy),
    dataPlaneUrl,
  }
}
