import type { ProjectTx } from '@portico/database/project-db'
import { findJustSpentToken } from '../records/one-time-token.store.js'
import type { ProvenAddress } from './prove-address.js'

/** What a confirmation answered a moment ago, as long as its address is still the proven one of the account; null for any other token. */
export async function confirmedJustNow(tx: ProjectTx, digest: Buffer, now: Date): Promise<ProvenAddress | null> {
  const spent = await findJustSpentToken(tx, { digest, purpose: 'email_confirm', now })
  if (!spent || spent.user.emailVerifiedAt === null || spent.user.email !== spent.payload['email']) return null
  return { user: spent.user, first: false, passwordRemoved: spent.payload['passwordRemoved'] === true }
}

/** The same for a change of address: the account still has the address that the link moved it to. */
export async function changedJustNow(
  tx: ProjectTx,
  digest: Buffer,
  normalised: (typed: string) => string | null,
  now: Date,
): Promise<ProvenAddress | null> {
  const spent = await findJustSpentToken(tx, { digest, purpose: 'email_change', now })
  const wanted = spent?.payload['newAddress']
  if (!spent || typeof wanted !== 'string' || spent.user.emailVerifiedAt === null || spent.user.email !== normalised(wanted)) return null
  return { user: spent.user, first: false, passwordRemoved: spent.payload['passwordRemoved'] === true }
}
