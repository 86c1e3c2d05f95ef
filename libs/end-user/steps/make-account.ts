import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { requireRoom } from '../abuse/sign-up-rules.js'
import type { EndUser } from '../records/end-user.js'
import { insertEndUser, type NewEndUser } from '../records/end-user.store.js'
import { applyApproval, requireApproval, type SignUpApproval } from './hooks/sign-up-approval.js'

/**
 * The one way to an account for whoever is not an operator, within a transaction: the app has been asked before, where it wants to be, and
 * what it said is kept with the account. `null`: another account has the address. A password sign-up does the same in `auth.sign_up`.
 *
 * A limit that is reached pauses whoever comes by themselves, by their company's sign-in or by an invitation of a member. A directory goes
 * on: its token was made by an operator, and whom it may not make it could not disable either.
 */
export async function makeAccount(
  tx: ProjectTx,
  project: ProjectRecord,
  user: NewEndUser,
  { method, approval }: { method: string; approval: SignUpApproval | null },
): Promise<EndUser | null> {
  if (method !== 'scim') requireRoom(project)
  requireApproval(project, approval, { email: user.address.normalised, method, metadata: user.metadata ?? {} })
  const made = await insertEndUser(tx, user)
  return made && applyApproval(tx, approval, made)
}
