import type { ProjectTx } from '@portico/database/project-db'

export interface TemplateParts {
  subject: string
  text: string
  html: string
}

export interface MailTemplateRow extends TemplateParts {
  template: string
  locale: string
  version: number
  createdAt: Date
  /** `null`: it is in use. */
  endedAt: Date | null
  failedAt: Date | null
}

const COLUMNS = `template, locale, version, subject, text_part as text, html_part as html, created_at as "createdAt", ended_at as "endedAt",
  failed_at as "failedAt"`

/** Those in use; with a template and locale, every version of it, the newest first. */
export function listTemplates(tx: ProjectTx, of: { template: string; locale: string } | null): Promise<MailTemplateRow[]> {
  return tx.query<MailTemplateRow>({
    name: 'mail_templates',
    text: `select ${COLUMNS} from auth.mail_template where project_id = auth.current_project_id()
        and case when $1::text is null then ended_at is null else template = $1 and locale = $2 end
      order by template, locale, version desc limit 200`,
    values: [of?.template ?? null, of?.locale ?? null],
  })
}

/** Two who save at once follow each other: each gets a version of its own. */
export async function lockTemplates(tx: ProjectTx): Promise<void> {
  const text = 'select 1 from auth.service where project_id = auth.current_project_id() for no key update'
  await tx.query({ name: 'mail_templates_lock', text, values: [] })
}

/** Ends the version in use; whether there was one. */
export async function endTemplate(tx: ProjectTx, template: string, locale: string, now: Date): Promise<boolean> {
  const ended = await tx.query({
    name: 'mail_template_end',
    text: `update auth.mail_template set ended_at = $3 where project_id = auth.current_project_id() and template = $1 and locale = $2
      and ended_at is null returning version`,
    values: [template, locale, now],
  })
  return ended.length > 0
}

/** The next version. The caller has ended the one before. */
export async function addTemplate(
  tx: ProjectTx,
  template: string,
  locale: string,
  parts: TemplateParts,
  now: Date,
): Promise<MailTemplateRow> {
  const [row] = await tx.query<MailTemplateRow>({
    name: 'mail_template_add',
    text: `insert into auth.mail_template (project_id, template, locale, version, subject, text_part, html_part, created_at)
      select auth.current_project_id(), $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6 from auth.mail_template
        where project_id = auth.current_project_id() and template = $1 and locale = $2
      returning ${COLUMNS}`,
    values: [template, locale, parts.subject, parts.text, parts.html, now],
  })
  if (!row) throw new Error('the template was not written')
  return row
}
