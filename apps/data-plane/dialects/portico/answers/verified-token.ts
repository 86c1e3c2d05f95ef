import type { VerifiedToken } from '@portico/end-user/sessions/verify-token'
import type { CheckedToken } from '@portico/end-user/steps/recent-tokens'

// On the token itself: a WeakMap with an entry for every token is work for the garbage collector.
const TEXT = Symbol('answer of /verify')

interface Answered {
  [TEXT]?: string
}

/**
 * The answer of `/verify` as JSON. Published clients read the claims at the top level; there the address is that of now. Below `claims`
 * everything is as in the token. No claim of ours has the name of a field beside them.
 */
export function verifiedTokenText({ checked, user }: VerifiedToken): string {
  const { email, email_verified: emailVerified } = checked.claims
  if (user.email !== email || user.emailVerified !== emailVerified) return write(checked, user)
  // The same for as long as the user has the address of the token: written once for one that keeps coming.
  return ((checked as Answered)[TEXT] ??= write(checked, user))
}

function write({ claims, userId, token }: CheckedToken, { email, emailVerified }: VerifiedToken['user']): string {
  const now = { ...claims, email, email_verified: emailVerified }
  return JSON.stringify({ ...now, valid: true, claims, user_id: userId, user: { id: userId, email, email_verified: emailVerified }, token })
}
