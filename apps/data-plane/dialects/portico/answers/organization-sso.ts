import { emailDomainProofName } from '@portico/end-user/organizations/email-domains'
import type { EmailDomain } from '@portico/end-user/records/email-domain.store'
import type { SetupLink } from '@portico/end-user/records/setup-link.store'
import type { SsoConnection } from '@portico/end-user/records/sso-connection'
import { setupLinkState } from '@portico/end-user/setup-links/manage-setup-links'

/** How it stands; what it says to the identity provider is on the page of a set-up link. */
export function organizationConnectionAnswer({ id, name, settings, state, domains, enforce, createdAt, updatedAt }: SsoConnection) {
  return {
    id,
    name,
    protocol: settings.protocol,
    state,
    identity_provider: settings.saml?.entityId ?? settings.oidc?.issuer ?? null,
    domains,
    enforce,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  }
}

export function organizationDomainAnswer({ id, domain, verifiedAt, verificationToken, connectionId, createdAt }: EmailDomain) {
  return {
    id,
    domain,
    verified: verifiedAt !== null,
    verified_at: verifiedAt?.toISOString() ?? null,
    verification: { type: 'TXT', name: emailDomainProofName(domain), value: verificationToken },
    connection_id: connectionId,
    created_at: createdAt.toISOString(),
  }
}

export function setupLinkAnswer(link: SetupLink, now: Date) {
  return {
    id: link.id,
    connection_id: link.connectionId,
    state: setupLinkState(link, now),
    made_by: link.madeBy,
    created_at: link.createdAt.toISOString(),
    expires_at: link.expiresAt.toISOString(),
    opened_at: link.openedAt?.toISOString() ?? null,
    finished_at: link.finishedAt?.toISOString() ?? null,
    revoked_at: link.revokedAt?.toISOString() ?? null,
  }
}
