import type { ProjectTx } from '@portico/database/project-db'
import { voidExchangeCodes } from '../records/exchange-code.store.js'
import { voidLinkFlows } from '../records/oauth-flow.store.js'
import { deletePendingSignIns } from '../records/pending-sign-in.store.js'
import { type EndReason, endSessions } from '../records/session.store.js'
import { deleteChallenges } from '../records/webauthn-challenge.store.js'

/** What went with the sessions, in numbers. */
export interface EndedSignIns {
  sessions: number
  exchangeCodes: number
  pendingSignIns: number
  linkFlows: number
  passkeyChallenges: number
}

/**
 * Ends every session of the user (but for `except`), and everything that is about to become one or was begun in one: codes that wait to be
 * exchanged, sign-ins between their two factors, providers that are being linked. Every use case that promises a sign-out everywhere calls
 * this. The caller holds the user's row.
 */
export async function endEverySession(
  tx: ProjectTx,
  {
    userId,
    except,
    exceptAmr,
    reason,
    now,
  }: { userId: string; except: string | null; exceptAmr?: string | null; reason: EndReason; now: Date },
): Promise<EndedSignIns> {
  // Before the half-done sign-ins that some of them were made for.
  const passkeyChallenges = await deleteChallenges(tx, userId, except)
  return {
    sessions: await endSessions(tx, { userId, except, exceptAmr: exceptAmr ?? null, reason, now }),
    exchangeCodes: await voidExchangeCodes(tx, userId, now),
    pendingSignIns: await deletePendingSignIns(tx, userId, now),
    linkFlows: await voidLinkFlows(tx, userId, now),
    passkeyChallenges,
  }
}
