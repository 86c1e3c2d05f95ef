import type { Account } from '@portico/end-user/account/read-account'
import type { EndUser } from '@portico/end-user/records/end-user'
import { endUserAnswer } from './end-user.js'
import { factorAnswer } from './factor.js'
import { identityAnswer } from './identity.js'

/** The signed-in user with everything that belongs to them. */
export function accountAnswer({ user, identities, factors, pendingEmail }: Account, token: string) {
  const pending = pendingEmail && {
    email: pendingEmail.email,
    requested_at: pendingEmail.requestedAt.toISOString(),
    expires_at: pendingEmail.expiresAt.toISOString(),
  }
  // Assigned and not spread: what is spread from another object is slow to make and slower to write.
  const shown = Object.assign(endUserAnswer(user), { identities: identities.map(identityAnswer), factors: factors.map(factorAnswer) })
  return { user: pending ? Object.assign(shown, { pending_email: pending }) : shown, user_id: user.id, token }
}

export function changedAccountAnswer(user: EndUser, token: string) {
  return { user: endUserAnswer(user), user_id: user.id, token }
}
