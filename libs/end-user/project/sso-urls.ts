/** What an identity provider is told of us, for one connection. Its own addresses, so that nothing meant for one is taken by another. */
export interface SsoUrls {
  /** Who we are in SAML, and where our metadata are. */
  entityId: string
  /** Where a SAML response is posted to. */
  acsUrl: string
  /** Where a SAML logout request is brought to. */
  sloUrl: string
  /** Where an OpenID provider sends the browser back to. */
  redirectUri: string
}

/** @param issuer the project's `AUTH_URL`. */
export function ssoUrls(issuer: string, connectionId: string): SsoUrls {
  const base = `${issuer}/sso/${connectionId}`
  return { entityId: `${base}/metadata`, acsUrl: `${base}/acs`, sloUrl: `${base}/slo`, redirectUri: `${base}/callback` }
}

/** Where an operator's browser begins the test of a connection. */
export function ssoTestUrl(issuer: string, ticket: string): string {
  return `${issuer}/sso/test?ticket=${ticket}`
}
