import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { insertDirectoryEvent, writeDirectoryEvent, type DirectoryEvent } from '../records/directory-event.store.js'
import type { DirectoryCall } from './directory-call.js'

type Done = Omit<DirectoryEvent, 'directoryId' | 'detail' | 'createdAt'> & { now: Date; detail?: string | null }

/** What was done, and is not all that was meant. */
export const STAYS_ADMIN = 'The last admin of the organization stays admin, until there is another.'

/** In the transaction of the change. */
export function noteDone(tx: ProjectTx, { directory }: DirectoryCall, { now, detail = null, ...done }: Done): Promise<void> {
  return insertDirectoryEvent(tx, { ...done, directoryId: directory.id, detail, createdAt: now })
}

/** A change that was refused: whoever sets the identity provider up sees here why. */
export class NoteRefusal {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(
    { project, directory }: Pick<DirectoryCall, 'project' | 'directory'>,
    refusal: Pick<DirectoryEvent, 'method' | 'resource' | 'resourceId' | 'status' | 'detail'>,
  ): Promise<void> {
    const event = { ...refusal, id: this.entropy.uuid(), directoryId: directory.id, createdAt: this.clock.now() }
    await writeDirectoryEvent(this.db, project.scope, event)
  }
}
