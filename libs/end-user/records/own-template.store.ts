import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { recordAudit } from '@portico/database/audit'

/** A project's own words for a mail. */
export interface OwnTemplateRow {
  locale: string
  version: number
  subject: string
  text: string
  html: string
}

/** The one that was in use at that moment, in this language. A mail asks for that of its first try, so that each try is the same. */
export async function findOwnTemplate(
  db: ProjectDb,
  scope: ProjectScope,
  { template, locale, at }: { template: string; locale: string; at: Date },
): Promise<OwnTemplateRow | null> {
  const [row] = await db.read<OwnTemplateRow>(scope, {
    name: 'own_mail_template',
    text: `select locale, version, subject, text_part as text, html_part as html from auth.mail_template
      where project_id = auth.current_project_id() and template = $1 and locale = $2 and created_at <= $3
        and (ended_at is null or ended_at > $3)
      order by version desc limit 1`,
    values: [template, locale, at],
  })
  return row ?? null
}

/** It could not be rendered: written down once, with its audit row. */
export async function noteFailedTemplate(
  db: ProjectDb,
  scope: ProjectScope,
  { template, locale, version }: { template: string; locale: string; version: number },
  now: Date,
): Promise<void> {
  await db.transaction(scope, async (tx) => {
    const first = await tx.query({
      name: 'own_mail_template_failed',
      text: `update auth.mail_template set failed_at = $4 where project_id = auth.current_project_id() and template = $1 and locale = $2
        and version = $3 and failed_at is null returning version`,
      values: [template, locale, version, now],
    })
    if (first.length === 0) return
    const resourceId = `${template}/${locale}`
    const actor = { type: 'system' as const, id: null }
    await recordAudit(tx, { action: 'mail.template_failed', actor, resource: 'mail_template', resourceId, metadata: { version } }, now)
  })
}
