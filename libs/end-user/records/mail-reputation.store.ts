import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** What became of the newest mails of a project. */
export interface MailReputation {
  sent: number
  /** For good. */
  bounced: number
  complained: number
}

export async function readMailReputation(db: ProjectDb, scope: ProjectScope, now: Date): Promise<MailReputation> {
  const call = { name: 'mail_reputation', text: 'select sent, bounced, complained from auth.mail_reputation($1, $2)', values: [now] }
  const [row] = await db.call<MailReputation>(scope, call)
  return row ?? { sent: 0, bounced: 0, complained: 0 }
}

/** Its owner is told, once a day. */
export async function noteMailLimited(db: ProjectDb, scope: ProjectScope, reputation: MailReputation, now: Date): Promise<void> {
  const values = [JSON.stringify(reputation), now]
  await db.call(scope, { name: 'note_mail_limited', text: 'select auth.note_mail_limited($1, $2, $3)', values, writesEvents: true })
}
