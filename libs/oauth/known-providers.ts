import { microsoftDiscovery, microsoftIssuer, microsoftVouches } from './microsoft.js'
import type { Claims, ProviderConfig, ProviderDefinition } from './provider.js'

// Apple and Amazon Cognito send booleans as text.
const saysVerified = (claims: Claims): boolean => claims['email_verified'] === true || claims['email_verified'] === 'true'
const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
const OPENID_SCOPES = ['openid', 'email', 'profile'] as const

const GENERIC: ProviderDefinition = {
  protocol: 'oidc',
  issuer: (config) => config.options.expectedIssuer ?? config.issuer ?? '',
  discovery: (config) => config.options.discoveryUrl ?? wellKnown(config.issuer ?? ''),
  scopes: OPENID_SCOPES,
  clientAuthentication: 'negotiated',
  promisesNonce: false,
  emailVerified: saysVerified,
  required: [],
  optional: ['tokenEndpointAuthMethod', 'expectedIssuer', 'discoveryUrl', 'idTokenSignedResponseAlg', 'requireNonce'],
  ownIssuer: 'required',
}

/** A well-known provider: its issuer and its habits are fixed. */
function named(issuer: (config: ProviderConfig) => string, more: Partial<ProviderDefinition> = {}): ProviderDefinition {
  const discovery = (config: ProviderConfig) => wellKnown(issuer(config))
  return { ...GENERIC, issuer, discovery, promisesNonce: true, optional: ['tokenEndpointAuthMethod'], ownIssuer: 'refused', ...more }
}

const NAMED: Readonly<Record<string, ProviderDefinition>> = {
  google: named(() => 'https://accounts.google.com'),
  gitlab: named((config) => config.issuer ?? 'https://gitlab.com', { ownIssuer: 'optional' }),
  microsoft: {
    ...named(() => ''),
    issuer: microsoftIssuer,
    discovery: microsoftDiscovery,
    emailVerified: microsoftVouches,
    optional: ['tenant', 'tokenEndpointAuthMethod'],
  },
  apple: named(() => 'https://appleid.apple.com', {
    scopes: ['openid', 'email', 'name'],
    responseMode: 'form_post',
    clientAuthentication: 'apple',
    required: ['teamId', 'keyId'],
    optional: [],
  }),
  github: named((config) => `${config.options.baseUrl ?? 'https://github.com'}/login/oauth`, {
    protocol: 'github',
    scopes: ['read:user', 'user:email'],
    clientAuthentication: 'post',
    optional: ['baseUrl'],
  }),
}

const GENERIC_NAME = /^oidc:[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/

/** How to talk to a provider; `null` for a name that is none. */
export function providerDefinition(provider: string): ProviderDefinition | null {
  if (Object.hasOwn(NAMED, provider)) return NAMED[provider]!
  return GENERIC_NAME.test(provider) ? GENERIC : null
}
