import type { ProjectRecord } from '@portico/database/project-directory'
import { isAllowedRedirect } from '@portico/kernel/redirect-url'
import { belowSite } from '@portico/kernel/same-origin-path'
import type { FlowQuery } from './hosted.body.js'

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/

/** Where a visit of our pages ends: at an app, with a code that only it can redeem; or at the account page, when no app sent anybody. */
export interface AppFlow {
  app: { redirectTo: string; codeChallenge: string } | null
  /** The query that carries it to the next page, with its question mark. */
  query: string
  state: string | null
  loginHint: string
  /** Id or slug of the organization that the app asked for. */
  organization: string | null
  /** The one that a mail led here with; it is no key. */
  invitation: string | null
}

export type FlowProblem = 'redirect' | 'challenge'

/** Every page reads it again: it is what the address bar says, and nothing that was checked a page before. */
export function readFlow({ settings }: ProjectRecord, query: FlowQuery): AppFlow | FlowProblem {
  const { redirectTo, next } = query
  // Two answers to one question: whoever reads the other one than we do would be led elsewhere.
  if (redirectTo !== undefined && next !== undefined) return 'redirect'
  const below = next === undefined ? null : belowSite(settings.site_url, next)
  if (next !== undefined && below === null) return 'redirect'
  const target = redirectTo ?? below ?? (query.codeChallenge === undefined ? null : settings.site_url)
  const carried: [string, string | undefined][] = [
    ['redirect_to', redirectTo],
    ['next', next],
    ['code_challenge', query.codeChallenge],
    ['state', query.state],
    ['locale', query.locale],
    ['organization', query.organization],
    ['organization_invitation', query.organizationInvitation],
  ]
  const fields = carried.filter((field): field is [string, string] => field[1] !== undefined)
  const flow = {
    query: fields.length === 0 ? '' : `?${new URLSearchParams(fields)}`,
    state: query.state ?? null,
    loginHint: query.loginHint ?? '',
    organization: query.organization ?? null,
    invitation: query.organizationInvitation ?? null,
  }
  if (target === null && query.codeChallenge === undefined) return { ...flow, app: null }
  if (target === null || (below === null && !isAllowedRedirect(settings, target))) return 'redirect'
  // The plain method does not exist here (RFC 9700, 2.1.1).
  const { codeChallenge, codeChallengeMethod: method = 'S256' } = query
  if (codeChallenge === undefined || !CHALLENGE.test(codeChallenge) || method !== 'S256') return 'challenge'
  return { ...flow, app: { redirectTo: target, codeChallenge } }
}
