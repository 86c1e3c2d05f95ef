import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import type { AuditSigner } from '@portico/tokens/audit-signer'
import { deleteEndUser } from '../records/end-user.store.js'
import { erasePerson, insertErasure, latestErasure, listErasures, publishErasureKey, type Erasure } from '../records/erasure.store.js'
import type { Administrator } from './administrator.js'

/** What an erasure leaves, and why: a receipt that says only what is gone would say half. */
const KEPT = {
  audit: 'Audit rows without address and user agent; the id of the account in them is a pseudonym of nobody now.',
  activity: 'The days and months in which the id was active, for exact counts: 40 and 400 days.',
  idempotency: 'Sealed answers to repeated calls of the control plane: up to 24 hours.',
  limits: 'Counters against guessing, under keyed digests: up to a day.',
  elsewhere: 'What was handed out before: mails, webhooks, hooks, streamed and downloaded logs, backups of the database.',
}

/**
 * Deletes somebody and destroys everything personal that is kept of them, and answers a receipt of what was destroyed, signed by the
 * installation. Also for somebody whose account was deleted before: their traces are still there.
 */
export class EraseEndUser {
  constructor(
    private readonly db: ProjectDb,
    private readonly signer: AuditSigner,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async execute(project: ProjectRecord, by: Administrator, userId: string): Promise<Erasure> {
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const destroyed = await erasePerson(tx, userId)
      const deleted = await deleteEndUser(tx, userId, now)
      if (Object.keys(destroyed).length === 0) {
        // Of twenty at once, or asked again: the receipt that there is.
        const before = await latestErasure(tx, userId)
        if (!before) throw new AuthError('not_found')
        return before
      }
      const at = now.toISOString()
      const jws = await this.signer.sign('erasure', {
        project: formatId('proj', project.scope.projectId), user: userId, at, destroyed, kept: KEPT,
      })
      await publishErasureKey(tx, this.signer.publicJwk, now)
      const made = { id: this.entropy.uuid(), userId, jws, createdAt: now }
      await insertErasure(tx, made)
      if (deleted) await recordAudit(tx, { ...by, action: 'user.deleted', resource: 'end_user', resourceId: userId }, now)
      await recordAudit(tx, { ...by, action: 'user.erased', resource: 'end_user', resourceId: userId }, now)
      return made
    })
  }

  async list(scope: ProjectScope, page: PageRequest): Promise<Page<Erasure>> {
    const rows = await this.db.transaction(scope, (tx) => listErasures(tx, page))
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }
}
