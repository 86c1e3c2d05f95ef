import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { isManaged } from '../records/directory-user.store.js'

/**
 * Throws `managed_by_directory` for an account whose address, names and existence a directory decides: what its owner changed here would
 * be undone by the next sync, or outlive it.
 */
export async function requireOwnAccount(tx: ProjectTx, userId: string): Promise<void> {
  if (await isManaged(tx, userId)) throw new AuthError('managed_by_directory')
}

/** The same before work that is done outside of a transaction: a hash, a mail. */
export function requireOwnAccountNow(db: ProjectDb, project: ProjectRecord, userId: string): Promise<void> {
  return db.transaction(project.scope, (tx) => requireOwnAccount(tx, userId))
}
