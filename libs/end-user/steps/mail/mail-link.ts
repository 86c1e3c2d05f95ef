import { isAllowedRedirect, type RedirectSettings } from '@portico/kernel/redirect-url'
import type { OneTimePurpose } from '../../records/one-time-token.store.js'

export type LinkPurpose = OneTimePurpose | 'magic_link'

/** Where a link of this purpose leads, without its token: `redirect_to` if allowed, else the project's site, else our own page. */
export function linkBase(
  { settings, authUrl }: { settings: RedirectSettings; authUrl: string },
  purpose: LinkPurpose,
  redirectTo?: string,
): string {
  if (redirectTo !== undefined && isAllowedRedirect(settings, redirectTo)) return withType(redirectTo, purpose)
  if (settings.site_url !== null) return withType(settings.site_url, purpose)
  return `${authUrl}/mail/${purpose}`
}

/** The link itself. `token` is one query field, so our own page and an app read it in the same way. */
export function mailedLink(base: string, token: string): string {
  const url = new URL(base)
  url.searchParams.set('token', token)
  return url.href
}

function withType(target: string, purpose: LinkPurpose): string {
  const url = new URL(target)
  url.searchParams.set('type', purpose)
  return url.href
}
