import { recordAudit } from '@portico/database/audit'
import { addToOutbox } from '@portico/database/outbox'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { authUrl } from '@portico/kernel/auth-url'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import { readLocale, type Locale } from '@portico/kernel/locales'
import type { Branding } from '@portico/kernel/settings/branding'
import { mailBrand, type MailBrand } from '@portico/kernel/settings/mail-brand'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import {
  addTemplate,
  endTemplate,
  listTemplates,
  lockTemplates,
  type MailTemplateRow,
  type TemplateParts,
} from '../records/mail-template.store.js'

export interface TemplatePreview {
  subject: string
  text: string
  html: string
}

/** Renders templates; the control plane gives the one that the worker renders with. */
export interface TemplateRenderer {
  isTemplate(name: string): boolean
  problems(parts: TemplateParts, template: string, brand: MailBrand, locale: Locale): { part: string; problem: string }[]
  /** With sample values; `null` for the parts: in our own words. */
  preview(parts: TemplateParts | null, template: string, brand: MailBrand, locale: Locale, at: Date): TemplatePreview
}

/** A project's own words for its mails, by template and language. */
export class ProjectTemplates {
  constructor(
    private readonly db: ProjectDb,
    private readonly renderer: TemplateRenderer,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly dataPlanePublicUrl: string,
  ) {}

  list(scope: ProjectScope): Promise<MailTemplateRow[]> {
    return this.db.transaction(scope, (tx) => listTemplates(tx, null))
  }

  versions(scope: ProjectScope, template: string, locale: string): Promise<MailTemplateRow[]> {
    const of = this.#known(template, locale)
    return this.db.transaction(scope, (tx) => listTemplates(tx, of))
  }

  /** Throws `validation_error` for a part that cannot be rendered, or lacks the link that the mail is for. */
  async set(
    project: ProjectRecord,
    caller: Caller,
    template: string,
    locale: string,
    parts: TemplateParts,
  ): Promise<MailTemplateRow> {
    const of = this.#known(template, locale)
    const problems = this.renderer.problems(parts, of.template, this.#brand(project), of.locale)
    if (problems.length > 0) {
      const details = problems.map(({ part, problem }) => ({ field: part, code: 'invalid_template', message: problem }))
      throw new AuthError('validation_error', { details })
    }
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      await lockTemplates(tx)
      await endTemplate(tx, of.template, of.locale, now)
      const row = await addTemplate(tx, of.template, of.locale, parts, now)
      await this.#audit(tx, caller, { ...of, version: row.version }, now)
      tx.projectChanged(now)
      return row
    })
  }

  /** Back to our words; the versions stay to be read. */
  async reset(scope: ProjectScope, caller: Caller, template: string, locale: string): Promise<void> {
    const of = this.#known(template, locale)
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      if (!(await endTemplate(tx, of.template, of.locale, now))) throw new AuthError('not_found')
      await this.#audit(tx, caller, { ...of, version: null }, now)
      tx.projectChanged(now)
    })
  }

  /** Of what is given, else of what is in use, else of our own words; with a look that need not be saved. */
  async preview(
    project: ProjectRecord,
    template: string,
    locale: string,
    { parts: given, branding }: { parts: TemplateParts | null; branding: Branding | null },
  ): Promise<TemplatePreview> {
    const of = this.#known(template, locale)
    const inUse = given ?? (await this.versions(project.scope, of.template, of.locale)).find(({ endedAt }) => endedAt === null) ?? null
    try {
      return this.renderer.preview(inUse, of.template, this.#brand(project, branding), of.locale, this.clock.now())
    } catch (error) {
      const message = 'The template cannot be rendered.'
      throw new AuthError('validation_error', { cause: error, details: [{ field: 'html', code: 'invalid_template', message }] })
    }
  }

  /**
   * Mails what is in use to an address, with sample values: the way of every other mail, with its limits, and with nothing of its kind that
   * would work. Answers the id of the mail.
   */
  async sendTest(
    project: ProjectRecord,
    caller: Caller,
    template: string,
    locale: string,
    to: string,
  ): Promise<{ id: string; to: string }> {
    const of = this.#known(template, locale)
    const address = parseEmailAddress(to)
    if (!address) throw invalidField('to', 'invalid_email', 'This must be an e-mail address.')
    if (!project.enabled) throw new AuthError(project.firstEnabledAt === null ? 'auth_not_enabled' : 'auth_disabled')
    const now = this.clock.now()
    const id = this.entropy.uuid()
    await this.db.transaction(project.scope, async (tx) => {
      await addToOutbox(tx, id, { kind: 'template_test', payload: { address: address.normalised, ...of } }, now)
      const resource = { resource: 'mail_template' as const, resourceId: `${of.template}/${of.locale}` }
      await recordAudit(tx, { ...doneBy(caller), action: 'mail.test_sent', ...resource, metadata: { mailId: id } }, now)
    })
    return { id, to: address.normalised }
  }

  #brand({ name, settings, scope }: ProjectRecord, drafted: Branding | null = null): MailBrand {
    return mailBrand(name, drafted ?? settings.branding, authUrl(this.dataPlanePublicUrl, scope.projectId))
  }

  #known(template: string, locale: string): { template: string; locale: Locale } {
    const known = readLocale(locale)
    if (!this.renderer.isTemplate(template) || known !== locale) throw new AuthError('not_found')
    return { template, locale: known }
  }

  #audit(
    tx: Parameters<typeof recordAudit>[0],
    caller: Caller,
    of: { template: string; locale: string; version: number | null },
    now: Date,
  ) {
    const resourceId = `${of.template}/${of.locale}`
    return recordAudit(
      tx,
      { ...doneBy(caller), action: 'mail.template_changed', resource: 'mail_template', resourceId, metadata: of },
      now,
    )
  }
}
