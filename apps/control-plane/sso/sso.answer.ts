import { readCertificate } from '@portico/crypto/certificate'
import { emailDomainProofName } from '@portico/end-user/organizations/email-domains'
import { ssoUrls } from '@portico/end-user/project/sso-urls'
import type { BreakGlass } from '@portico/end-user/records/break-glass.store'
import type { EmailDomain } from '@portico/end-user/records/email-domain.store'
import type { SamlSettings, SsoConnection } from '@portico/end-user/records/sso-connection'
import type { SsoKey } from '@portico/end-user/records/sso-key.store'

/** @param issuer the project's `AUTH_URL`. Never a secret. */
export function connectionAnswer(connection: SsoConnection, issuer: string) {
  const { settings, secretSealed } = connection
  const { oidc, saml, mapping } = settings
  const own = ssoUrls(issuer, connection.id)
  return {
    id: connection.id,
    organization_id: connection.organizationId,
    name: connection.name,
    protocol: settings.protocol,
    state: connection.state,
    oidc: oidc && { issuer: oidc.issuer, client_id: oidc.clientId, scopes: oidc.scopes, has_secret: secretSealed !== null },
    saml: saml && samlAnswer(saml),
    /** What the identity provider is told. */
    service_provider:
      settings.protocol === 'saml'
        ? { entity_id: own.entityId, acs_url: own.acsUrl, metadata_url: own.entityId, slo_url: own.sloUrl }
        : { redirect_uri: own.redirectUri },
    attributes: { email: mapping.email, name: mapping.name, groups: mapping.groups, metadata: mapping.metadata },
    roles: settings.roles,
    fallback_role: settings.fallbackRole,
    create_users: settings.createUsers,
    domains: connection.domains,
    enforce: connection.enforce,
    local_login: connection.localLogin,
    created_at: connection.createdAt.toISOString(),
    updated_at: connection.updatedAt.toISOString(),
  }
}

function samlAnswer(saml: SamlSettings) {
  return {
    entity_id: saml.entityId,
    sso_url: saml.ssoUrl,
    binding: saml.binding,
    certificates: saml.certificates.map((pem) => {
      const read = readCertificate(pem)
      return { pem, expires_at: read?.notAfter.toISOString() ?? null, fingerprint: read?.fingerprint ?? null }
    }),
    signed: saml.signed,
    metadata_url: saml.metadataUrl,
    metadata_read_at: saml.metadataReadAt,
    idp_initiated: saml.idpInitiated,
    name_id_format: saml.nameIdFormat,
    sign_requests: saml.signRequests,
    slo_url: saml.sloUrl,
    slo_binding: saml.sloBinding,
  }
}

/** Never the private key. */
export function serviceKeyAnswer({ id, certificate, signs, createdAt, expiresAt }: SsoKey) {
  return {
    id,
    certificate,
    fingerprint: readCertificate(certificate)?.fingerprint ?? null,
    signs,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}

export function emailDomainAnswer(domain: EmailDomain) {
  return {
    id: domain.id,
    organization_id: domain.organizationId,
    domain: domain.domain,
    verified: domain.verifiedAt !== null,
    verified_at: domain.verifiedAt?.toISOString() ?? null,
    verification: { type: 'TXT', name: emailDomainProofName(domain.domain), value: domain.verificationToken },
    connection_id: domain.connectionId,
    created_at: domain.createdAt.toISOString(),
  }
}

export function breakGlassAnswer({ userId, email, createdAt }: BreakGlass) {
  return { user_id: userId, email, created_at: createdAt.toISOString() }
}
