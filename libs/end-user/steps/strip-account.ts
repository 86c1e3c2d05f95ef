import type { ProjectTx } from '@portico/database/project-db'
import { voidEmailChallenges } from '../records/email-challenge.store.js'
import { clearPassword, voidWaitingMails } from '../records/end-user.store.js'
import { deleteTotpFactors } from '../records/factor.store.js'
import { deleteIdentities } from '../records/identity.store.js'
import { ALL_TOKENS, voidOneTimeTokens } from '../records/one-time-token.store.js'
import { deletePasskeys } from '../records/passkey.store.js'
import { deleteRecoveryCodes } from '../records/recovery-code.store.js'
import type { EndReason } from '../records/session.store.js'
import { endEverySession, type EndedSignIns } from './end-every-session.js'

/** What may stay on an account that is stripped, because it is known to be its owner's. */
export interface Kept {
  /** A stored hash that was just checked, or any. */
  password?: string | 'any'
  /** Authenticator apps and recovery codes. */
  totp?: boolean
  passkeys?: boolean
  identities?: { provider: string; subject: string } | 'any'
  sessionId?: string
}

/** What was taken off, by kind. Only what still worked counts. */
export interface Stripped extends EndedSignIns {
  passwords: number
  passkeys: number
  factors: number
  recoveryCodes: number
  identities: number
  emailChanges: number
  undoLinks: number
  invitations: number
  mailedLinks: number
  mailedCodes: number
}

/**
 * Takes off an account whatever opens it or is about to, but for what is named. Both the first proof of an address and the eviction
 * of an intruder end here: a new way into an account is removed here, or one of the two leaves it.
 * The caller holds the user's row.
 */
export async function stripAccount(
  tx: ProjectTx,
  user: { id: string; email: string },
  { kept, reason, now }: { kept: Kept; reason: EndReason; now: Date },
): Promise<Stripped> {
  const password = kept.password !== 'any' && (await clearPassword(tx, { userId: user.id, except: kept.password ?? null, now }))
  const passkeys = kept.passkeys ? 0 : await deletePasskeys(tx, user.id)
  const factors = kept.totp ? 0 : await deleteTotpFactors(tx, user.id)
  const recoveryCodes = kept.totp || kept.passkeys ? 0 : await deleteRecoveryCodes(tx, user.id)
  const identities = kept.identities === 'any' ? 0 : await deleteIdentities(tx, user.id, { except: kept.identities ?? null })
  // A session opened with the password that stays could be opened again at once.
  const exceptAmr = kept.password === undefined || password ? null : 'pwd'
  const ended = await endEverySession(tx, { userId: user.id, except: kept.sessionId ?? null, exceptAmr, reason, now })
  const changeWaited = await voidWaitingMails(tx, user.id, now)
  const tokens = await voidOneTimeTokens(tx, { endUserId: user.id, purposes: ALL_TOKENS, now })
  const mailedCodes = await voidEmailChallenges(tx, user.email, now)
  return {
    ...ended,
    passwords: password ? 1 : 0,
    passkeys,
    factors,
    recoveryCodes,
    identities,
    emailChanges: Math.max(changeWaited ? 1 : 0, tokens.email_change ?? 0),
    undoLinks: tokens.email_change_undo ?? 0,
    invitations: tokens.invitation ?? 0,
    mailedLinks: (tokens.password_reset ?? 0) + (tokens.email_confirm ?? 0) + (tokens.account_recovery ?? 0),
    mailedCodes,
  }
}
