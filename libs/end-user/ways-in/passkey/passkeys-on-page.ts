import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { relyingPartyIdOf } from '../../steps/passkey/relying-party.js'

/** Whether a browser lets one of our own pages at this host use the project's passkeys (WebAuthn, 5.1.2). */
export class PasskeysOnPage {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, hostname: string): Promise<boolean> {
    const { rp_id: set, site_url: site } = project.settings
    // Most projects: nothing has to be read for it.
    const id = set ?? (site === null ? await relyingPartyIdOf(this.db, project) : new URL(site).hostname)
    return id !== null && (hostname === id || hostname.endsWith(`.${id}`))
  }
}
