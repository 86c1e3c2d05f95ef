import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Entropy } from '@portico/kernel/entropy'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import type { ConfirmedSession, IssuedSession, TokenIssuer } from './token-issuer.js'
import { combinedAmr, finishSignIn } from './finish-sign-in.js'
import type { Enrolling } from './enrolling.js'
import { raiseSession } from '../records/session.store.js'
import { activeFactorsWithin, type OfferedFactor } from '../records/factors.view.js'
import { hasRecoveryCodes, issueRecoveryCodes } from '../records/recovery-code.store.js'

export interface Enrolled {
  session: ConfirmedSession
  /** With the first factor only, and only now. */
  recoveryCodes: string[] | null
}

/**
 * Locks the user before a factor is added.
 * An enrolment token says that the user had no factor; it must not add one beside (and so around) a factor that came since.
 */
export async function openEnrolment(tx: ProjectTx, who: Enrolling): Promise<void> {
  const user = await lockEndUser(tx, who.userId)
  if (!user) throw new AuthError(who.session ? 'session_ended' : 'invalid_or_expired_token')
  if (who.pending && (await activeFactorsWithin(tx, who.userId)).length > 0) throw new AuthError('invalid_or_expired_token')
}

/**
 * What follows in the transaction that has added a factor: recovery codes with the first one, audit, mail, and a session that knows of it.
 */
export async function finishEnrolment(
  tx: ProjectTx,
  project: ProjectRecord,
  who: Enrolling,
  input: { factor: Pick<OfferedFactor, 'id' | 'type'>; amr: readonly string[]; entropy: Entropy; now: Date; caller: Caller },
): Promise<Enrolled> {
  const { factor, entropy, now, caller } = input
  const { userId } = who
  const wantsCodes = project.settings.mfa !== 'off' && !(await hasRecoveryCodes(tx, userId))
  const recoveryCodes = wantsCodes ? await issueRecoveryCodes(tx, entropy, userId, now) : null
  await recordAudit(
    tx,
    { action: 'factor.added', ...byUser(userId, caller), resource: 'factor', resourceId: factor.id, metadata: { type: factor.type } },
    now,
  )
  const event = factor.type === 'webauthn' ? 'passkey_added' : 'factor_added'
  await addToOutbox(tx, entropy.uuid(), { kind: 'security_notice', payload: { endUserId: userId, event } }, now)
  if (who.pending) {
    return {
      recoveryCodes,
      session: await finishSignIn(tx, project, { digest: who.pending, kind: 'enrol', secondAmr: input.amr, entropy, now, caller }),
    }
  }
  const { session } = who
  const raised = session && (await raiseSession(tx, { sessionId: session.id, amr: combinedAmr([], input.amr), now }))
  if (!session || !raised) throw new AuthError('session_ended')
  const { id: sessionId, user, expiresAt, organization } = session
  return { recoveryCodes, session: { sessionId, authTime: now, amr: raised.amr, user, expiresAt, generation: null, organization } }
}

/** After the transaction: the tokens, and where the factor ended a sign-in that waited for it, that it succeeded. */
export async function issueEnrolled(
  issuer: TokenIssuer,
  project: ProjectRecord,
  { userId, pending }: Enrolling,
  { session }: Enrolled,
  caller: Caller,
): Promise<IssuedSession> {
  const issued = await issuer.issue(project, session)
  const { projectId } = project.scope
  if (pending) issuer.attempts.note({ projectId, method: 'second_factor', outcome: 'succeeded', userId, caller })
  return issued
}
