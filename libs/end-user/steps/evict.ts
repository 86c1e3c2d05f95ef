import type { ProjectTx } from '@portico/database/project-db'
import { stripAccount, type Stripped } from './strip-account.js'

/**
 * Ends all access to an account: everything that opens it, or is about to, goes. What stays is the row: id, address,
 * metadata. The owner comes back by the mailbox. The caller holds the user's row.
 */
export function evict(tx: ProjectTx, user: { id: string; email: string }, now: Date): Promise<Stripped> {
  return stripAccount(tx, user, { kept: {}, reason: 'evicted', now })
}
