import type { PlatformSql } from '@portico/database/platform-sql'
import { parseEmailAddress } from '@portico/kernel/email-address'
import { formatId } from '@portico/kernel/ids'

const LIMIT = 500

interface MailRow {
  project_id: string
  outbox_id: string
  to_address: string
  subject: string
  text: string
  html: string
  link: string | null
  code: string | null
  created_at: Date
}

/** What would have been mailed, newest first. Development only: mails hold tokens. */
export class ReadDevInbox {
  constructor(private readonly sql: PlatformSql) {}

  async execute(filter: { to: string | null }) {
    const rows = await this.sql.run<MailRow>({
      name: 'dev_inbox',
      text: 'select project_id, outbox_id, to_address, subject, text, html, link, code, created_at from auth.dev_inbox($1)',
      values: [LIMIT],
    })
    const to = filter.to === null ? undefined : (parseEmailAddress(filter.to)?.normalised ?? filter.to.trim().toLowerCase())
    return rows
      .filter((row) => to === undefined || to === '' || row.to_address.toLowerCase() === to)
      .map((row) => ({
        id: row.outbox_id,
        to: row.to_address,
        subject: row.subject,
        text: row.text,
        html: row.html,
        link: row.link,
        code: row.code,
        project_id: formatId('proj', row.project_id),
        created_at: row.created_at.toISOString(),
      }))
  }
}
