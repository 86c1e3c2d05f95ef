import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Entropy } from '@portico/kernel/entropy'
import type { Caller } from '../caller.js'
import { draftSession } from '../records/session-draft.js'
import { type ConfirmedSession, firstTokens } from './token-issuer.js'
import { startSessionWithin } from '../records/session.store.js'
import { findActiveOrganization, setSessionOrganization } from '../records/organization.store.js'
import type { ActiveOrganization } from '../records/organization.js'
import { takePendingSignIn } from '../records/pending-sign-in.store.js'
import type { PendingSignIn } from './sign-in-result.js'

/** First factor and second together (RFC 8176: `mfa`), each value once. */
export function combinedAmr(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second, 'mfa'])]
}

/**
 * Turns a pending sign-in into a session, in the transaction that has seen its second factor.
 * Throws `invalid_or_expired_token` when there is nothing to finish (any more), and `session_limit_reached`.
 */
export async function finishSignIn(
  tx: ProjectTx,
  project: ProjectRecord,
  input: { digest: Buffer; kind: PendingSignIn['kind']; secondAmr: readonly string[]; entropy: Entropy; now: Date; caller: Caller },
): Promise<ConfirmedSession> {
  const { now } = input
  const pending = await takePendingSignIn(tx, { digest: input.digest, kind: input.kind, now })
  if (!pending) throw new AuthError('invalid_or_expired_token')
  const draft = draftSession(input.entropy, now, combinedAmr(pending.amr, input.secondAmr), input.caller, { sso: pending.sso })
  const started = await startSessionWithin(tx, project, { userId: pending.userId, draft })
  if (started.outcome === 'sso_required') throw new AuthError('sso_required')
  if (started.outcome === 'session_limit') throw new AuthError('session_limit_reached')
  if (started.outcome !== 'ok') throw new AuthError('invalid_or_expired_token')
  const organization = await workingFor(tx, project, { sessionId: draft.id, ...pending })
  return { ...firstTokens(project, draft, started.user, started.newDevice), organization }
}

/** What the first half of the sign-in said, if the person belongs to it (still). */
async function workingFor(
  tx: ProjectTx,
  project: ProjectRecord,
  { sessionId, userId, organizationId }: { sessionId: string; userId: string; organizationId: string | null },
): Promise<ActiveOrganization | null> {
  if (organizationId === null || project.settings.organizations === 'off') return null
  const active = await findActiveOrganization(tx, userId, organizationId)
  return active && (await setSessionOrganization(tx, sessionId, active.id)) ? active : null
}
