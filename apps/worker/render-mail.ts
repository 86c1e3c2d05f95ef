import type { RenderedMail } from '@portico/email/message'
import { defaultMail } from '@portico/email/templates/default-mail'
import type { MailData } from '@portico/email/templates/mail-data'
import { isMailTemplate, renderOwn, samplesOf, type OwnTemplate } from '@portico/email/templates/own-template'
import type { MailContents } from '@portico/end-user/steps/mail/plan-mail'
import type { Locale } from '@portico/kernel/locales'
import { isSecurityNotice } from '@portico/kernel/mails'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'

/**
 * Text and HTML of a mail, in a project's own words where it has some (they may throw), or null when it is about an event that has no
 * text. The same input gives the same bytes.
 */
export function renderMail(
  brand: MailBrand,
  locale: Locale,
  contents: MailContents,
  own?: { template: OwnTemplate; at: Date },
): RenderedMail | null {
  const data = mailData(contents)
  return data && (own ? renderOwn(own.template, brand, locale, data, own.at) : defaultMail(brand, locale, data))
}

function mailData(contents: MailContents): MailData | null {
  if (contents.template === 'sign_in' && contents.link === null && contents.code === null) return null
  if (contents.template === 'sample') return isMailTemplate(contents.of) ? (samplesOf(contents.of)[0] ?? null) : null
  if (contents.template !== 'security_notice') return contents
  const { event, about } = contents
  return isSecurityNotice(event) ? { template: 'security_notice', event, ...(about && { about }) } : null
}
