import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { consumeOneTimeToken, rememberOutcome, voidOneTimeTokens } from '../records/one-time-token.store.js'
import { confirmedJustNow } from './confirmed-just-now.js'
import { proveAddress, type ProvenAddress } from './prove-address.js'
import type { Kept } from './strip-account.js'

/** A mailed link that is followed, and what shows that the account is the follower's. */
export interface FollowedLink {
  digest: Buffer
  shows: Kept
  now: Date
  caller: Caller
  entropy: Entropy
}

/**
 * Spends the link of a sign-up's mail and proves the address it was mailed to. The caller holds the user's row. Throws
 * `invalid_or_expired_token`.
 */
export async function confirmAddress(
  tx: ProjectTx,
  user: EndUser,
  { digest, shows, now, caller, entropy }: FollowedLink,
): Promise<ProvenAddress> {
  const spent = await consumeOneTimeToken(tx, { digest, purpose: 'email_confirm', now })
  // Two presses at once: the other one came first.
  const again = spent ? null : await confirmedJustNow(tx, digest, now)
  if (again?.user.id === user.id) return again
  // The token proves the address it was mailed to and no other, of the account it was made for.
  if (spent?.endUserId !== user.id || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
  await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ['email_confirm'], now })
  const proven = await proveAddress(tx, user, { method: 'link', shows, now, caller, entropy })
  await rememberOutcome(tx, digest, { passwordRemoved: proven.passwordRemoved })
  return proven
}
