import type { Account } from '@portico/end-user/account/read-account'
import type { ActedOn } from '@portico/end-user/administration/act-on-end-users'
import { writePosition } from './end-user-cursor.js'
import type { CountedEndUserList } from '@portico/end-user/administration/list-end-users'
import type { EndUserSort } from '@portico/end-user/records/end-user-filter'
import type { EndUser } from '@portico/end-user/records/end-user'
import type { ListedFactor } from '@portico/end-user/records/factors.view'
import type { Identity } from '@portico/end-user/records/identity.store'
import type { ListedSession } from '@portico/end-user/records/session-search.store'
import type { ListedPasskey } from '@portico/end-user/records/passkey.store'
import type { Stripped } from '@portico/end-user/steps/strip-account'
import { readUserAgent } from '@portico/kernel/user-agent'

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

export function endUserPageAnswer({ sort, limit }: { sort: EndUserSort; limit: number }, list: CountedEndUserList) {
  return {
    data: list.found.map(({ user }) => endUserAnswer(user)),
    page: {
      limit,
      next_cursor: list.next && writePosition(sort, list.next),
      total: list.total,
      total_is: list.estimated ? ('estimated' as const) : ('exact' as const),
    },
  }
}

/** What became of each one, in the order asked for. */
export function bulkAnswer(action: string, done: readonly ActedOn[]) {
  const failed = done.filter(({ error }) => error !== null).length
  return {
    action,
    succeeded: done.length - failed,
    failed,
    results: done.map(({ id, error }) =>
      error ? { id, ok: false, error: { code: error.code, message: error.message } } : { id, ok: true },
    ),
  }
}

/** One user, with the linked providers, the second factors and a change of address that waits. */
export function accountAnswer({ user, identities, factors, pendingEmail }: Account) {
  const pending = pendingEmail && {
    email: pendingEmail.email,
    requested_at: pendingEmail.requestedAt.toISOString(),
    expires_at: pendingEmail.expiresAt.toISOString(),
  }
  return {
    ...endUserAnswer(user),
    identities: identities.map(identityAnswer),
    factors: factors.map(factorAnswer),
    ...(pending ? { pending_email: pending } : {}),
  }
}

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

export function endUserSessionAnswer(session: ListedSession) {
  return {
    id: session.id,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    ip: session.ip,
    user_agent: session.userAgent,
    device: readUserAgent(session.userAgent),
    amr: session.amr,
  }
}

/** No key material: what an operator needs to recognise one by. */
export function endUserPasskeyAnswer(passkey: ListedPasskey) {
  return {
    id: passkey.id,
    friendly_name: passkey.friendlyName,
    rp_id: passkey.rpId,
    aaguid: passkey.aaguid,
    transports: passkey.transports,
    backed_up: passkey.backedUp,
    discoverable: passkey.discoverable,
    user_verified: passkey.userVerified,
    registered_on: readUserAgent(passkey.userAgent),
    created_at: passkey.createdAt.toISOString(),
    last_used_at: passkey.lastUsedAt?.toISOString() ?? null,
  }
}

/** What an eviction took off the account, by kind and number. */
export function removedAnswer(removed: Stripped) {
  return {
    passwords: removed.passwords,
    passkeys: removed.passkeys,
    factors: removed.factors,
    recovery_codes: removed.recoveryCodes,
    identities: removed.identities,
    sessions: removed.sessions,
    exchange_codes: removed.exchangeCodes,
    pending_sign_ins: removed.pendingSignIns,
    link_flows: removed.linkFlows,
    passkey_challenges: removed.passkeyChallenges,
    email_changes: removed.emailChanges,
    undo_links: removed.undoLinks,
    invitations: removed.invitations,
    mailed_links: removed.mailedLinks,
    mailed_codes: removed.mailedCodes,
  }
}

function factorAnswer(factor: ListedFactor) {
  return {
    id: factor.id,
    type: factor.type,
    friendly_name: factor.friendlyName,
    status: factor.active ? ('active' as const) : ('unverified' as const),
    created_at: factor.createdAt.toISOString(),
    last_used_at: factor.lastUsedAt?.toISOString() ?? null,
  }
}
