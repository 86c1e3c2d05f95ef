import type { Identity } from '@portico/end-user/records/identity.store'

export function identityAnswer(identity: Identity) {
  return {
    provider: identity.provider,
    subject: identity.subject,
    email: identity.email,
    email_verified: identity.emailVerified,
    profile: identity.profile,
    created_at: identity.createdAt.toISOString(),
    last_sign_in_at: identity.lastSignInAt?.toISOString() ?? null,
  }
}
