import { isAppUrl } from '@portico/kernel/app-url'
import { appendToUrl } from '@portico/kernel/append-to-url'
import { isAllowedRedirect, type RedirectSettings } from '@portico/kernel/redirect-url'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import type { OneTimePurpose } from '../../records/one-time-token.store.js'

export type LinkSettings = RedirectSettings & { mail_links: 'hosted' | 'app' }

/** A page to go on at, with a field that is no key. */
export interface WayOn {
  /** Of ours. */
  page: string
  field: string
  value: string
  redirectTo?: string
}
type SignInGate = ProjectSettings['sign_in_gate']
export type LinkPurpose = OneTimePurpose | 'magic_link'

/**
 * Where a link of this purpose leads, without its token: `redirect_to` if allowed; else our own page, or the project's site where it says
 * that it handles mailed links. A link that signs in always leads to the app: nothing but the app can use it.
 * Never into an app by its own scheme: mail programs drop such links, and any app of the device may have claimed it, which would hand it
 * the token.
 */
export function linkBase(
  { settings, authUrl }: { settings: LinkSettings; authUrl: string },
  purpose: LinkPurpose,
  redirectTo?: string,
): string {
  // Only our own page knows what to do with it.
  if (purpose === 'device_report') return `${authUrl}/mail/${purpose}`
  const target = purpose === 'magic_link' ? magicLinkTarget(settings, redirectTo) : handledBy(settings, redirectTo)
  return target === null || isAppUrl(target) ? `${authUrl}/mail/${purpose}` : appendToUrl(target, { type: purpose })
}

/**
 * Where the mail leads that is no key: to the page of the app that was named, else to ours, which asks for the sign-in first. In a project
 * that has switched our pages off, to its site; `null`: it has none.
 */
export function linkWithoutKey(
  { settings, authUrl }: { settings: LinkSettings & { sign_in_gate: SignInGate }; authUrl: string },
  { page, field, value, redirectTo }: WayOn,
): string | null {
  const hosted = settings.sign_in_gate !== 'disabled'
  const named = hosted ? handledBy(settings, redirectTo) : siteTarget(settings, redirectTo)
  const target = named !== null && isAppUrl(named) ? (hosted ? null : settings.site_url) : named
  if (target === null && !hosted) return null
  return appendToUrl(target ?? `${authUrl}${page}`, { [field]: value })
}

/** The link itself. `token` is the last query field of that name, for our own page as for an app. */
export function mailedLink(base: string, token: string): string {
  return appendToUrl(base, { token })
}

/**
 * The page of the app that a sign-in link ends at: `redirect_to` if allowed, else the site, else the only redirect URL if there is one
 * without a star.
 * `null`: nowhere. Our own page starts no session: it belongs to the app.
 */
export function magicLinkTarget(settings: RedirectSettings, redirectTo?: string | null): string | null {
  const fixed = settings.redirect_urls.filter((url) => !url.includes('*'))
  return siteTarget(settings, redirectTo) ?? (fixed.length === 1 ? (fixed[0] as string) : null)
}

function handledBy(settings: LinkSettings, redirectTo?: string): string | null {
  const target = siteTarget(settings, redirectTo)
  return settings.mail_links === 'app' || target === redirectTo ? target : null
}

function siteTarget(settings: RedirectSettings, redirectTo?: string | null): string | null {
  return typeof redirectTo === 'string' && isAllowedRedirect(settings, redirectTo) ? redirectTo : settings.site_url
}
