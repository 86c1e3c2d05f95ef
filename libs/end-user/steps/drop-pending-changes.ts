import type { ProjectTx } from '@portico/database/project-db'
import { setPendingEmail } from '../records/end-user.store.js'
import { TOKENS_TO_THE_MAILBOX, voidOneTimeTokens } from '../records/one-time-token.store.js'

/**
 * Takes back every change that somebody began on an account whose owner has just shown up: the change of address that waits, and every
 * mailed link. The way back to an earlier address stays: an intruder must not be able to close it by a reset.
 */
export async function dropPendingChanges(tx: ProjectTx, userId: string, now: Date): Promise<void> {
  await voidOneTimeTokens(tx, { endUserId: userId, purposes: TOKENS_TO_THE_MAILBOX, now })
  await setPendingEmail(tx, { userId, address: null, now })
}
