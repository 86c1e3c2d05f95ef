import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectTx } from '@portico/database/project-db'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { releaseAddress } from '../records/outbox-row.store.js'
import { markEmailVerified } from '../records/end-user.store.js'
import type { ProvenFactor } from './prove-factor.js'
import { stripAccount, type Kept } from './strip-account.js'

/** How the address was proven, and what the same proof shows, beside the address, to be the prover's own. */
export interface AddressProof {
  method: string
  shows: Kept
  /** The caller sets a password in the same transaction, and says so by mail: the removal of the old one needs no notice. */
  setsPassword?: true
  now: Date
  caller: Caller
  entropy: Entropy
}

/** The proof shows the address and nothing else: a link that anybody may have asked for. */
export const SHOWS_NOTHING: Kept = {}

export interface ProvenAddress {
  user: EndUser
  /** False: it was proven before, and nothing was taken off. */
  first: boolean
  passwordRemoved: boolean
}

/**
 * The one place where an address becomes proven. Whatever was added to the account until then belongs to the person who signed the address
 * up, perhaps an attacker who waits for its owner: all of it goes, unless the same proof shows it to be the prover's. An account whose
 * address was proven before keeps everything here: a mailbox is one factor, and must not take the others away. The caller holds the user's
 * row.
 */
export async function proveAddress(
  tx: ProjectTx,
  user: EndUser,
  { method, shows, setsPassword, now, caller, entropy }: AddressProof,
): Promise<ProvenAddress> {
  // Mail that came back no longer counts: whoever proves the address has its mailbox.
  await releaseAddress(tx, user.email)
  if (user.emailVerifiedAt !== null) return { user, first: false, passwordRemoved: false }
  const removed = await stripAccount(tx, user, { kept: shows, reason: 'address_proven', now })
  const audit = byUser(user.id, caller)
  await recordAudit(tx, { action: 'user.email_confirmed', ...audit, metadata: { method, removed } }, now)
  const passwordRemoved = removed.passwords > 0
  if (passwordRemoved && !setsPassword)
    await addToOutbox(tx, entropy.uuid(), { kind: 'security_notice', payload: { endUserId: user.id, event: 'password_removed' } }, now)
  return { user: (await markEmailVerified(tx, user.id, now)) ?? user, first: true, passwordRemoved }
}

/**
 * What a live session of the account shows to be its holder's: itself, and the kinds of proof it was opened or raised with. No other person
 * can hold a session of an account whose address is unproven, so an owner who confirms in the app they signed up in loses nothing.
 */
export function shownBySession(session: { id: string; amr: readonly string[] }): Kept {
  const { amr } = session
  return {
    sessionId: session.id,
    ...(amr.includes('pwd') ? { password: 'any' as const } : {}),
    // A mailed code is `otp` too, but without `mfa`.
    ...(amr.includes('mfa') && (amr.includes('otp') || amr.includes('recovery')) ? { totp: true } : {}),
    ...(amr.includes('swk') || amr.includes('hwk') ? { passkeys: true } : {}),
    ...(amr.includes('fed') ? { identities: 'any' as const } : {}),
  }
}

/** A code that was proven in the same call shows the authenticator app, or the recovery codes, to be the caller's. */
export function withFactor(shown: Kept, factor: ProvenFactor | null): Kept {
  return factor === null ? shown : { ...shown, totp: true }
}
