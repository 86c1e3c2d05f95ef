import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { EmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { checkSignUpAllowed } from '../abuse/sign-up-rules.js'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { lockEndUserByEmail } from '../records/end-user-search.store.js'
import type { SignUpApproval } from './hooks/sign-up-approval.js'
import { makeAccount } from './make-account.js'
import { proveAddress, SHOWS_NOTHING } from './prove-address.js'

/**
 * The account of somebody who has just proved this address by mail; made now if it may be. Within the transaction that spent the proof.
 * Throws `invalid_or_expired_token` when the account is disabled or must not be made.
 */
export async function signInAddress(
  tx: ProjectTx,
  project: ProjectRecord,
  input: {
    address: EmailAddress
    createUser: boolean
    method: string
    approval: SignUpApproval | null
    now: Date
    caller: Caller
    entropy: Entropy
  },
): Promise<EndUser> {
  const { address, createUser, method, approval, now, caller, entropy } = input
  const known = await lockEndUserByEmail(tx, address.normalised)
  if (known) return admit(tx, known, input)
  if (!createUser) throw new AuthError('invalid_or_expired_token')
  checkSignUpAllowed(project, address.normalised)
  const made = await makeAccount(tx, project, { id: entropy.uuid(), address, emailVerified: true, now }, { method, approval })
  if (!made) {
    // Two proofs of one new address at once: the other one made the account.
    const other = await lockEndUserByEmail(tx, address.normalised)
    if (!other) throw new AuthError('invalid_or_expired_token')
    return admit(tx, other, input)
  }
  const audit = byUser(made.id, caller)
  await recordAudit(tx, { action: 'user.signed_up', ...audit, metadata: { method } }, now)
  return made
}

async function admit(
  tx: ProjectTx,
  user: EndUser,
  { method, now, caller, entropy }: { method: string; now: Date; caller: Caller; entropy: Entropy },
): Promise<EndUser> {
  if (user.disabledAt !== null) throw new AuthError('invalid_or_expired_token')
  return (await proveAddress(tx, user, { method, shows: SHOWS_NOTHING, now, caller, entropy })).user
}
