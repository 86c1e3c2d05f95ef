import { defaultMail } from '@portico/email/templates/default-mail'
import { isMailTemplate, problemsOf, renderOwn, samplesOf } from '@portico/email/templates/own-template'
import { AuthError } from '@portico/kernel/auth-error'
import type { TemplateRenderer } from '@portico/platform/mail/project-templates'

/** What the worker renders with. */
export const templateRenderer: TemplateRenderer = {
  isTemplate: isMailTemplate,
  problems: (parts, template, brand, locale) => (isMailTemplate(template) ? problemsOf(parts, template, brand, locale) : []),
  preview(parts, template, brand, locale, at) {
    const [data] = isMailTemplate(template) ? samplesOf(template) : []
    if (!data) throw new AuthError('not_found')
    return parts ? renderOwn(parts, brand, locale, data, at) : defaultMail(brand, locale, data)
  },
}
