import { defaultMail } from '@portico/email/templates/default-mail'
import { isMailTemplate, problemsOf, renderOwn, samplesOf } from '@portico/email/templates/own-template'
import { AuthError } from '@portico/kernel/auth-error'
import type { TemplateRenderer } from '@portico/platform/mail/project-templates'

/** What the worker renders with. */
export const templateRenderer: TemplateRenderer = {
  isTemplate: isMailTemplate,
  problems: (parts, template, projectName, locale) => (isMailTemplate(template) ? problemsOf(parts, template, projectName, locale) : []),
  preview(parts, template, projectName, locale, at) {
    const [data] = isMailTemplate(template) ? samplesOf(template) : []
    if (!data) throw new AuthError('not_found')
    return parts ? renderOwn(parts, projectName, locale, data, at) : defaultMail(projectName, locale, data)
  },
}
