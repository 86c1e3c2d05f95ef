import type { ProjectSettings } from '@portico/kernel/project-settings'
import type { OneTimePurpose } from '../one-time-token.store.js'

/** Whether a mailed link may lead there: the project's site, or exactly one of its allow-listed addresses. Anything else could collect tokens. */
export function isAllowedRedirect(settings: Pick<ProjectSettings, 'site_url' | 'redirect_urls'>, redirectTo: string): boolean {
  const wanted = canonical(redirectTo)
  if (wanted === null) return false
  return [settings.site_url, ...settings.redirect_urls].some((allowed) => allowed !== null && canonical(allowed) === wanted)
}

/** Where a link of this purpose leads, without its token: `redirect_to` if allowed, else the project's site, else our own page. */
export function linkBase(
  { settings, authUrl }: { settings: Pick<ProjectSettings, 'site_url' | 'redirect_urls'>; authUrl: string },
  purpose: OneTimePurpose,
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

function withType(target: string, purpose: OneTimePurpose): string {
  const url = new URL(target)
  url.searchParams.set('type', purpose)
  return url.href
}

function canonical(url: string): string | null {
  return URL.canParse(url) ? new URL(url).href : null
}
