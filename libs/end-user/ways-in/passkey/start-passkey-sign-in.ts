import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { findPendingSignIn } from '../../records/pending-sign-in.store.js'
import { pendingBinding } from '../../steps/passkey/challenge-binding.js'
import type { PasskeyOptions } from '../../steps/passkey/passkey-options.js'

/**
 * What a browser needs to ask for a passkey: any at all to sign in with, or one of the user's as the second factor of a sign-in that waits.
 */
export class StartPasskeySignIn {
  constructor(
    private readonly db: ProjectDb,
    private readonly options: PasskeyOptions,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, mfaToken: string | undefined) {
    if (mfaToken === undefined) return this.options.signIn(project)
    const digest = digestToken(mfaToken)
    const pending = await findPendingSignIn(this.db, project.scope, { digest, now: this.clock.now() })
    if (pending?.kind !== 'verify') throw new AuthError('invalid_or_expired_token')
    return this.options.secondFactor(project, pending.userId, pendingBinding(digest))
  }
}
