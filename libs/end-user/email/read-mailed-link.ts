import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { findMailedLink, type MailedLink } from '../records/mailed-link.view.js'
import type { OneTimePurpose } from '../records/one-time-token.store.js'

/** What has become of a mailed link, for the page that says why it does not work, and in which language its reader reads. */
export class ReadMailedLink {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  execute(project: ProjectRecord, purpose: OneTimePurpose | 'magic_link', token: string): Promise<MailedLink> {
    return findMailedLink(this.db, project.scope, { digest: digestToken(token), purpose, now: this.clock.now() })
  }

  /** Of a link that was followed to a provider: what is left of it is its digest. */
  ofDigest(project: ProjectRecord, digest: Buffer): Promise<MailedLink> {
    return findMailedLink(this.db, project.scope, { digest, purpose: null, now: this.clock.now() })
  }
}
