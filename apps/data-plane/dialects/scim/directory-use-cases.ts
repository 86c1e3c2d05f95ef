import type { ProjectDb } from '@portico/database/project-db'
import { AuthenticateDirectory } from '@portico/end-user/directory/authenticate-directory'
import { DeprovisionUser } from '@portico/end-user/directory/deprovision-user'
import { NoteRefusal } from '@portico/end-user/directory/directory-log'
import { DirectorySizes } from '@portico/end-user/directory/directory-sizes'
import { ProvisionGroup } from '@portico/end-user/directory/provision-group'
import { ProvisionUser } from '@portico/end-user/directory/provision-user'
import { ReadDirectory } from '@portico/end-user/directory/read-directory'
import type { AskHooks } from '@portico/end-user/steps/hooks/ask-hooks'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'

export type DirectoryUseCases = ReturnType<typeof makeDirectoryUseCases>

/** What identity providers do with the people of a directory. */
export function makeDirectoryUseCases(db: ProjectDb, hooks: AskHooks, clock: Clock, entropy: Entropy) {
  const sizes = new DirectorySizes()
  return {
    authenticateDirectory: new AuthenticateDirectory(db, clock),
    noteDirectoryRefusal: new NoteRefusal(db, clock, entropy),
    provisionUser: new ProvisionUser(db, sizes, hooks, clock, entropy),
    deprovisionUser: new DeprovisionUser(db, clock, entropy),
    provisionGroup: new ProvisionGroup(db, sizes, clock, entropy),
    readDirectory: new ReadDirectory(db),
  }
}
