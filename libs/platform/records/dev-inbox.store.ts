import type { PlatformSql } from '@portico/database/platform-sql'

export interface DevMail {
  id: string
  projectId: string
  to: string
  subject: string
  text: string
  html: string
  link: string | null
  code: string | null
  createdAt: Date
}

/** Newest first, of the projects of one tenant, or of all. */
export function listDevMails(sql: PlatformSql, tenantId: string | null, limit: number): Promise<DevMail[]> {
  return sql.run<DevMail>({
    name: 'dev_inbox',
    text: `select outbox_id as id, project_id as "projectId", to_address as "to", subject, text, html, link, code, created_at as "createdAt"
      from auth.dev_inbox($1, $2)`,
    values: [tenantId, limit],
  })
}
