import { formatId } from '@portico/kernel/ids'
import type { DevMail } from '@portico/platform/records/dev-inbox.store'

export function devMailAnswer(mail: DevMail) {
  return {
    id: mail.id,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    link: mail.link,
    code: mail.code,
    project_id: formatId('proj', mail.projectId),
    created_at: mail.createdAt.toISOString(),
  }
}
