import type { EndUser } from '@portico/end-user/records/end-user'

export function endUserAnswer(user: EndUser) {
  return {
    id: user.id,
    email: user.email,
    email_verified: user.emailVerifiedAt !== null,
    metadata: user.metadata,
    app_metadata: user.appMetadata,
    disabled: user.disabledAt !== null,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    last_sign_in_at: user.lastSignInAt?.toISOString() ?? null,
  }
}
