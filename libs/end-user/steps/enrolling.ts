import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { AuthenticatedSession } from './authenticate.js'
import { findPendingSignIn } from '../records/pending-sign-in.store.js'
import { pendingBinding, sessionBinding } from './passkey/challenge-binding.js'

/** Who adds a factor: somebody signed in, or somebody who may not be before they have one. */
export interface Enrolling {
  userId: string
  email: string
  session: AuthenticatedSession | null
  /** Digest of the mfa_token; null for a session. */
  pending: Buffer | null
  boundTo: string
}

export class FindEnrolling {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `unauthenticated`, or `invalid_or_expired_token` for an mfa_token that is not one for enrolling. */
  async execute(project: ProjectRecord, session: AuthenticatedSession | null, mfaToken: string | undefined): Promise<Enrolling> {
    if (session) return { userId: session.user.id, email: session.user.email, session, pending: null, boundTo: sessionBinding(session.id) }
    if (mfaToken === undefined) throw new AuthError('unauthenticated')
    const digest = digestToken(mfaToken)
    const pending = await findPendingSignIn(this.db, project.scope, { digest, now: this.clock.now() })
    if (pending?.kind !== 'enrol') throw new AuthError('invalid_or_expired_token')
    return { userId: pending.userId, email: pending.email, session: null, pending: digest, boundTo: pendingBinding(digest) }
  }
}
