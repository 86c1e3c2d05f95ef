import type { ProjectScope } from '@portico/database/project-scope'
import { readLocale, type Locale } from '@portico/kernel/locales'
import { appName } from '@portico/kernel/settings/branding'
import { mailBrand } from '@portico/kernel/settings/mail-brand'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import type { FrozenMail } from '../../records/outbox-row.store.js'
import { linkBase, linkWithoutKey } from './mail-link.js'
import type { MailContents, MailPlan } from './plan-mail.js'

export interface MailProject {
  scope: ProjectScope
  name: string
  /** False: turned off or archived. */
  serving: boolean
  /** It or its tenant has a sender besides the installation's. */
  ownSender: boolean
  settings: Pick<
    ProjectSettings,
    | 'site_url'
    | 'sign_in_gate'
    | 'redirect_urls'
    | 'mail_links'
    | 'limits'
    | 'default_locale'
    | 'mail_from_name'
    | 'mail_reply_to'
    | 'providers'
    | 'branding'
  >
  authUrl: string
}

/** Where the link of a mail leads, without its token; `null` for a mail without one. */
export function planLinkBase(project: MailProject, plan: MailPlan): string | null {
  if ('contents' in plan) return null
  if ('leadsTo' in plan) return linkWithoutKey(project, plan.leadsTo)
  if (plan.token) return linkBase(project, plan.token.purpose, plan.token.redirectTo)
  if (!plan.challenge?.link) return null
  // With a proof key the link must come back through us, which hands the app a code; without one the app spends the token itself.
  if (plan.challenge.codeChallenge !== undefined) return `${project.authUrl}/mail/magic_link`
  return linkBase(project, 'magic_link', plan.challenge.redirectTo)
}

/** What a mail is made of besides its row, as it is at the first try. `wishes`: language tags, what counts most first. */
export function freeze(project: MailProject, plan: MailPlan, wishes: readonly unknown[], now: Date): FrozenMail {
  const { settings, authUrl } = project
  return {
    firstAttemptAt: now.toISOString(),
    projectName: appName(project),
    brand: mailBrand(project.name, settings.branding, authUrl),
    to: plan.to,
    linkBase: planLinkBase(project, plan),
    locale: firstLocale('locale' in plan ? [plan.locale] : wishes) ?? settings.default_locale,
    resetLink: settings.providers.includes('email') ? `${authUrl}/forgot` : null,
    fromName: settings.mail_from_name,
    replyTo: settings.mail_reply_to,
  }
}

function firstLocale(wishes: readonly unknown[]): Locale | null {
  const read = wishes.map((wish) => (typeof wish === 'string' ? readLocale(wish) : null))
  return read.find((locale) => locale !== null) ?? null
}

/** The notice of a changed password leads to where another can be asked for; the link carries nothing that an intruder could use. */
export function withResetLink(contents: MailContents, { resetLink = null }: FrozenMail): MailContents {
  return contents.template === 'password_changed' ? { ...contents, resetLink } : contents
}
