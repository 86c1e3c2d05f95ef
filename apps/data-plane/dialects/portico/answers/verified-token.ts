import type { VerifiedToken } from '@portico/end-user/sessions/verify-token'
import { organizationClaims, saysOrganization } from '@portico/end-user/steps/organization-claims'
import type { CheckedToken } from '@portico/end-user/steps/recent-tokens'

// On the token itself: a WeakMap with an entry for every token is work for the garbage collector.
const TEXT = Symbol('answer of /verify')

interface Answered {
  [TEXT]?: string
}

/**
 * The answer of `/verify` as JSON. Published clients read the claims at the top level; there address and organization are those of now.
 * Below `claims` everything is as in the token. No claim of ours has the name of a field beside them.
 */
export function verifiedTokenText({ checked, user }: VerifiedToken): string {
  const { email, email_verified: emailVerified } = checked.claims
  const asIssued = user.email === email && user.emailVerified === emailVerified && saysOrganization(checked.claims, user.organization)
  if (!asIssued) return write(checked, user)
  // The same for as long as address and organization are those of the token: written once for one that keeps coming.
  return ((checked as Answered)[TEXT] ??= write(checked, user))
}

/** Pieced together from texts: the claims are written once, and V8 takes ten times as long for an object that is spread from another. */
function write({ claims, userId, token }: CheckedToken, { email, emailVerified, organization }: VerifiedToken['user']): string {
  const then = JSON.stringify(claims)
  const same = email === claims.email && emailVerified === claims.email_verified && saysOrganization(claims, organization)
  const now = same ? then : JSON.stringify(asOfNow(claims, { email, emailVerified, organization }))
  const rest = { user_id: userId, user: { id: userId, email, email_verified: emailVerified }, token }
  return `${now.slice(0, -1)},"valid":true,"claims":${then},${JSON.stringify(rest).slice(1)}`
}

function asOfNow(claims: CheckedToken['claims'], { email, emailVerified, organization }: VerifiedToken['user']) {
  const { org_id: _id, org_slug: _slug, org_role: _role, permissions: _permissions, ...always } = claims
  return { ...always, email, email_verified: emailVerified, ...organizationClaims(organization) }
}
