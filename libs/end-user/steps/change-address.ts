import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { byUser } from '../caller.js'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import type { EndUser } from '../records/end-user.js'
import { setEmail, setPendingEmail } from '../records/end-user.store.js'
import { consumeOneTimeToken, rememberOutcome, TOKENS_TO_THE_MAILBOX, voidOneTimeTokens } from '../records/one-time-token.store.js'
import type { FollowedLink } from './confirm-address.js'
import { changedJustNow } from './confirmed-just-now.js'
import { proveAddress, type ProvenAddress } from './prove-address.js'
import { requireOwnAccount } from './require-own-account.js'
import { refuseTakenAddress } from './taken-address.js'

/**
 * Spends the link that was mailed to the new address and moves the account there. Whoever calls has shown to hold the account.
 * The caller holds the user's row. Throws `invalid_or_expired_token`, `email_taken`.
 */
export async function changeAddress(
  tx: ProjectTx,
  user: EndUser,
  { digest, shows, now, caller, entropy }: FollowedLink,
): Promise<ProvenAddress> {
  const spent = await consumeOneTimeToken(tx, { digest, purpose: 'email_change', now })
  // Two presses at once: the other one came first.
  const again = spent ? null : await changedJustNow(tx, digest, normalise, now)
  if (again?.user.id === user.id) return again
  const wanted = spent?.payload['newAddress']
  const address = typeof wanted === 'string' ? parseEmailAddress(wanted) : null
  if (!address || spent?.endUserId !== user.id || user.email !== spent.payload['email']) throw new AuthError('invalid_or_expired_token')
  await requireOwnAccount(tx, user.id)
  const { passwordRemoved, first } = await proveAddress(tx, user, { method: 'email_change', shows, now, caller, entropy })
  const changed = await setEmail(tx, { userId: user.id, address, now }).catch(refuseTakenAddress)
  if (!changed) throw new AuthError('email_taken')
  // What waits in the old mailbox must not open the account any more; the undo link there must, if that address was proven.
  await voidOneTimeTokens(tx, { endUserId: user.id, purposes: TOKENS_TO_THE_MAILBOX, now })
  await voidEmailChallenges(tx, user.email, now)
  await setPendingEmail(tx, { userId: user.id, address: null, now })
  await rememberOutcome(tx, digest, { passwordRemoved })
  const audit = byUser(user.id, caller)
  await recordAudit(tx, { action: 'user.email_changed', ...audit }, now)
  const payload = { endUserId: user.id, event: 'email_changed' as const, address: user.emailTyped }
  await addToOutbox(tx, entropy.uuid(), { kind: 'security_notice', payload }, now)
  return { user: changed, first, passwordRemoved }
}

export const normalise = (typed: string) => parseEmailAddress(typed)?.normalised ?? null
