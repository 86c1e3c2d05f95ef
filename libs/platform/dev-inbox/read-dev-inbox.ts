import type { PlatformSql } from '@portico/database/platform-sql'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { listDevMails, type DevMail } from '../records/dev-inbox.store.js'

const LIMIT = 500

/** What would have been mailed, newest first. Development only: mails hold tokens. */
export class ReadDevInbox {
  constructor(private readonly sql: PlatformSql) {}

  /** `tenantId`: of its projects alone; `null`: of all. */
  async execute(filter: { to: string | null; tenantId: string | null }): Promise<DevMail[]> {
    const mails = await listDevMails(this.sql, filter.tenantId, LIMIT)
    const to = filter.to === null ? '' : (parseEmailAddress(filter.to)?.normalised ?? filter.to.trim().toLowerCase())
    return to === '' ? mails : mails.filter((mail) => mail.to.toLowerCase() === to)
  }
}
