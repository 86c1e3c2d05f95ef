import { deriveToken, digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { ProjectKeys } from '../../project/project-keys.js'
import { EXCHANGE_CODE_TTL_SECONDS, insertExchangeCodeOnce } from '../../records/exchange-code.store.js'

export interface HandedOver {
  id: string
  userId: string
  amr: readonly string[]
}

/**
 * Hands a session that began on our own page to the app: a one-time code, which only the holder of the verifier can redeem for its tokens.
 * One sign-in stays one session: in the list of its owner, in the audit log, and in the limit of sessions.
 */
export class HandOverSession {
  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly clock: Clock,
  ) {}

  /** The code is computed: a second press of the button gets the one that the first press got. */
  async execute(project: ProjectRecord, session: HandedOver, codeChallenge: string): Promise<string> {
    const code = deriveToken(this.keys.pageKey(project), ['exchange_code', session.id, codeChallenge])
    const now = this.clock.now()
    await this.db.transaction(project.scope, (tx) =>
      insertExchangeCodeOnce(tx, {
        digest: digestToken(code),
        endUserId: session.userId,
        purpose: 'sign_in',
        amr: session.amr,
        sessionId: session.id,
        codeChallenge,
        now,
        expiresAt: addSeconds(now, EXCHANGE_CODE_TTL_SECONDS),
      }),
    )
    return code
  }
}
