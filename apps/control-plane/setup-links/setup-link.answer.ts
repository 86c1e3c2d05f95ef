import { setupLinkState } from '@portico/end-user/setup-links/manage-setup-links'
import type { SetupLink } from '@portico/end-user/records/setup-link.store'

export function setupLinkAnswer(link: SetupLink, now: Date) {
  return {
    id: link.id,
    organization_id: link.organizationId,
    connection_id: link.connectionId,
    /** Whose it is among the people of the organization; `null`: an operator's. */
    made_by: link.madeBy,
    state: setupLinkState(link, now),
    created_at: link.createdAt.toISOString(),
    expires_at: link.expiresAt.toISOString(),
    opened_at: link.openedAt?.toISOString() ?? null,
    finished_at: link.finishedAt?.toISOString() ?? null,
    revoked_at: link.revokedAt?.toISOString() ?? null,
  }
}

/** `issuer`: the project's `AUTH_URL`. The only answer that holds the token. */
export function newSetupLinkAnswer({ link, token }: { link: SetupLink; token: string }, issuer: string) {
  return { ...setupLinkAnswer(link, link.createdAt), url: `${issuer}/setup?token=${token}` }
}
