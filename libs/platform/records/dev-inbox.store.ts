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

/** Newest first, of all projects. */
export function listDevMails(sql: PlatformSql, limit: number): Promise<DevMail[]> {
  return sql.run<DevMail>({
    name: 'dev_inbox',
    text: `select outbox_id as id, project_id as "projectId", to_address as "to", subject, text, html, link, code, created_at as "createdAt"
      from auth.dev_inbox($1)`,
    values: [limit],
  })
}
