import type { Account } from '@portico/end-user/account/read-account'
import type { ListedPasskey } from '@portico/end-user/records/passkey.store'
import type { ListedSession } from '@portico/end-user/records/session-search.store'

/** What we hold about an account, for its owner (GDPR, article 20); no secret is part of it. */
export function accountExport(of: { account: Account; sessions: readonly ListedSession[]; passkeys: readonly ListedPasskey[] }): string {
  const { user, identities, factors, pendingEmail } = of.account
  const held = {
    user: {
      id: user.id,
      email: user.email,
      email_verified_at: user.emailVerifiedAt,
      pending_email: pendingEmail?.email ?? null,
      metadata: user.metadata,
      created_at: user.createdAt,
      updated_at: user.updatedAt,
      last_sign_in_at: user.lastSignInAt,
    },
    identities: identities.map(({ provider, subject, email, profile, createdAt, lastSignInAt }) => ({
      provider, subject, email, profile, created_at: createdAt, last_sign_in_at: lastSignInAt,
    })),
    factors: factors.map(({ type, friendlyName, createdAt, lastUsedAt }) => ({
      type, name: friendlyName, created_at: createdAt, last_used_at: lastUsedAt,
    })),
    passkeys: of.passkeys.map(({ friendlyName, createdAt, lastUsedAt, userAgent }) => ({
      name: friendlyName, user_agent: userAgent, created_at: createdAt, last_used_at: lastUsedAt,
    })),
    sessions: of.sessions.map(({ createdAt, lastUsedAt, ip, userAgent, amr }) => ({
      created_at: createdAt, last_used_at: lastUsedAt, ip, user_agent: userAgent, amr,
    })),
  }
  return `${JSON.stringify(held, null, 2)}\n`
}
