import type { ProjectRecord } from '@portico/database/project-directory'
import { formatId } from '@portico/kernel/ids'
import { LOCALES } from '@portico/kernel/locales'

/** What a login page may know before anybody has signed in. Nothing here helps an attacker who can already try the endpoints. */
export function publicSettingsAnswer({ scope, name, settings }: ProjectRecord) {
  return {
    project_id: formatId('proj', scope.projectId),
    name,
    providers: settings.providers,
    allow_signups: settings.allow_signups,
    signup_mode: settings.signup_mode,
    require_email_confirmation: settings.require_email_confirmation,
    password_min_length: settings.password_min_length,
    refresh_token_transport: settings.refresh_token_transport,
    token_algorithm: settings.token_algorithm,
    mfa: settings.mfa,
    site_url: settings.site_url,
    captcha: settings.captcha,
    sign_in_gate: settings.sign_in_gate,
    mail_links: settings.mail_links,
    branding: settings.branding,
    default_locale: settings.default_locale,
    locales: LOCALES,
  }
}
