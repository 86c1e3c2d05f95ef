import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { readActiveFactors, type OfferedFactor } from '../../records/factors.view.js'
import { findPendingSignIn } from '../../records/pending-sign-in.store.js'

/** What a sign-in that waits for its second factor may be finished with: for a page that asks once more. */
export class OfferedFactors {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, mfaToken: string): Promise<OfferedFactor['type'][]> {
    const pending = await findPendingSignIn(this.db, project.scope, { digest: digestToken(mfaToken), now: this.clock.now() })
    return pending?.kind === 'verify' ? (await readActiveFactors(this.db, project.scope, pending.userId)).map(({ type }) => type) : []
  }
}
