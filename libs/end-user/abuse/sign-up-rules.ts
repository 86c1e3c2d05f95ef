import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, type ErrorCode } from '@portico/kernel/auth-error'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { isDisposableDomain } from './disposable-domains.js'

type SignUpSettings = Pick<
  ProjectSettings,
  'allow_signups' | 'invited_only' | 'email_domains_allowed' | 'email_domains_blocked' | 'block_disposable_email'
>

const REACHED = 'This project takes no more sign-ups for now: it has reached its limit.'

/** Throws `signups_disabled` or `email_domain_not_allowed` unless this (normalised) address may make an account by itself. */
export function checkSignUpAllowed(project: ProjectRecord, address: string): void {
  const refusal = signUpRefusal(project, address)
  if (refusal === null) return
  // What the owner decided stands before what was used up.
  if (refusal === 'signups_disabled' && project.settings.allow_signups && !project.settings.invited_only) requireRoom(project)
  throw new AuthError(refusal)
}

/** Throws `signups_disabled` with the limit's name while one is reached. */
export function requireRoom({ signUpsPaused: limit }: Pick<ProjectRecord, 'signUpsPaused'>): void {
  if (limit === null) return
  throw new AuthError('signups_disabled', { message: REACHED, details: [{ field: limit, code: 'limit_reached', message: REACHED }] })
}

export function maySignUp(project: ProjectRecord, address: string): boolean {
  return signUpRefusal(project, address) === null
}

export function signUpRefusal(
  { settings, signUpsPaused }: { settings: SignUpSettings; signUpsPaused: ProjectRecord['signUpsPaused'] },
  address: string,
): Extract<ErrorCode, 'signups_disabled' | 'email_domain_not_allowed'> | null {
  if (!settings.allow_signups || settings.invited_only || signUpsPaused !== null) return 'signups_disabled'
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const { email_domains_allowed: allowed, email_domains_blocked: blocked } = settings
  if (allowed.length > 0 && !allowed.some((entry) => within(domain, entry))) return 'email_domain_not_allowed'
  if (blocked.some((entry) => within(domain, entry))) return 'email_domain_not_allowed'
  return settings.block_disposable_email && isDisposableDomain(domain) ? 'email_domain_not_allowed' : null
}

/** The domain itself or one below it. */
function within(domain: string, entry: string): boolean {
  return domain === entry || domain.endsWith(`.${entry}`)
}
