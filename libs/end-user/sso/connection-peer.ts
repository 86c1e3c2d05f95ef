import { ssoSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProviderConfig } from '@portico/oauth/provider'
import type { SamlPeers } from '@portico/sso/saml/service-provider'
import type { SsoUrls } from '../project/sso-urls.js'
import type { SsoConnection } from '../records/sso-connection.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'

/** The OpenID provider of a connection, its secret open. */
export function oidcPeer(box: SealedBox, project: ProjectRecord, { id, settings, secretSealed }: SsoConnection): ProviderConfig {
  const { oidc, mapping } = settings
  if (!oidc || !secretSealed) throw new SignInRefusal('provider_not_enabled')
  const { projectId, tenantId } = project.scope
  return {
    projectId,
    tenantId,
    // Names of providers have at most 32 characters.
    provider: `oidc:${id.replaceAll('-', '')}`,
    clientId: oidc.clientId,
    clientSecret: box.open(secretSealed, ssoSecretContext(projectId, id)).toString('utf8'),
    issuer: oidc.issuer,
    scopes: oidc.scopes,
    // OpenID Connect Core, 3.1.3.7: the servers of companies keep to it, and a code that somebody slipped in is not told from ours by PKCE
    // where a server does not look at it.
    options: { requireNonce: 'true' },
    groupsClaim: mapping.groups ?? 'groups',
    keepClaims: true,
  }
}

/** @param signingKey that requests are signed with, PEM */
export function samlPeer({ settings: { saml } }: SsoConnection, own: SsoUrls, signingKey: string | null = null): SamlPeers {
  if (!saml) throw new SignInRefusal('provider_not_enabled')
  const { entityId, ssoUrl, binding, certificates, signed, nameIdFormat } = saml
  return { entityId, ssoUrl, binding, certificates, signed, nameIdFormat, own, signingKey }
}
