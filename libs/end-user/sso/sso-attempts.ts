import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isUuid } from '@portico/kernel/ids'
import type { Administrator } from '../administration/administrator.js'
import type { SsoAttempt } from '../records/sso-attempt.js'
import { findSsoAttempt, insertSsoTest, listSsoAttempts, TEST_TICKET_SECONDS } from '../records/sso-attempt.store.js'
import { findSsoConnectionWithin } from '../records/sso-connection.store.js'

export interface MadeTest {
  attempt: SsoAttempt
  /** Opens it, once, in any browser. */
  ticket: string
  openUntil: Date
}

/** Tests of a connection, and the log of what became of everybody who tried to come in by it. */
export class SsoAttempts {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `validation_error` for a draft: its identity provider is not known yet. */
  async test(project: ProjectRecord, by: Administrator, connectionId: string): Promise<MadeTest> {
    const now = this.clock.now()
    const ticket = opaqueToken(this.entropy)
    const attempt = await this.db.transaction(project.scope, async (tx) => {
      const connection = await findSsoConnectionWithin(tx, connectionId)
      if (!connection) throw new AuthError('not_found')
      if (connection.state === 'draft') throw invalidField('state', 'draft', 'Set its state to testing first.')
      await recordAudit(tx, { ...by, action: 'sso.test_started', resource: 'sso_connection', resourceId: connectionId }, now)
      return insertSsoTest(tx, { id: this.entropy.uuid(), connectionId, ticketDigest: digestToken(ticket), now })
    })
    return { attempt, ticket, openUntil: addSeconds(now, TEST_TICKET_SECONDS) }
  }

  list(project: ProjectRecord, connectionId: string): Promise<SsoAttempt[]> {
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await findSsoConnectionWithin(tx, connectionId))) throw new AuthError('not_found')
      return listSsoAttempts(tx, connectionId, this.clock.now())
    })
  }

  async read(project: ProjectRecord, connectionId: string, id: string): Promise<SsoAttempt> {
    const now = this.clock.now()
    const find = () => this.db.transaction(project.scope, (tx) => findSsoAttempt(tx, { connectionId, id, now }))
    const attempt = isUuid(id) ? await find() : null
    if (!attempt) throw new AuthError('not_found')
    return attempt
  }
}
