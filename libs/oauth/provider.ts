/** One provider as a project configured it; the secret is open here and goes nowhere but to the provider. */
export interface ProviderConfig {
  /** `google`, `github`, `microsoft`, `apple`, `gitlab` or `oidc:<name>`. */
  provider: string
  clientId: string
  /** For Apple the private key of the service, in PEM (PKCS #8). */
  clientSecret: string
  /** Only for `gitlab` (self-managed) and `oidc:<name>`. */
  issuer: string | null
  /** Null: the provider's own default. */
  scopes: readonly string[] | null
  /** What one provider needs besides: `tenant` (Microsoft), `team_id` and `key_id` (Apple), `base_url` (GitHub Enterprise). */
  extra: Readonly<Record<string, string>>
}

/** What a provider said about the person, checked. */
export interface ProvidedIdentity {
  /** Stable at this provider. */
  subject: string
  email: string | null
  /** Whether the provider vouches that the person holds the address now. */
  emailVerified: boolean
  profile: { name?: string; username?: string; picture?: string }
}

export type Claims = Readonly<Record<string, unknown>>

export interface ProviderDefinition {
  protocol: 'oidc' | 'github'
  /** What tokens and metadata must name as their issuer. */
  issuer(config: ProviderConfig): string
  scopes: readonly string[]
  /** Apple posts its answer when name or address are asked for. */
  responseMode?: 'form_post'
  clientAuthentication: 'negotiated' | 'apple'
  /** Added to the authorization request. */
  parameters?: Readonly<Record<string, string>>
  emailVerified(claims: Claims): boolean
  /** Fields of `extra` that it cannot do without. */
  required: readonly string[]
  optional: readonly string[]
  /** Whether the project names the issuer itself. */
  ownIssuer: 'required' | 'optional' | 'refused'
}

const saysVerified = (claims: Claims): boolean => claims['email_verified'] === true || claims['email_verified'] === 'true'

/** Accounts of the consumer directory sign in with an address that Microsoft itself checked. */
const MICROSOFT_CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'
const OPENID_SCOPES = ['openid', 'email', 'profile'] as const

const GENERIC: ProviderDefinition = {
  protocol: 'oidc',
  issuer: (config) => config.issuer ?? '',
  scopes: OPENID_SCOPES,
  clientAuthentication: 'negotiated',
  emailVerified: saysVerified,
  required: [],
  optional: [],
  ownIssuer: 'required',
}

const NAMED: Readonly<Record<string, ProviderDefinition>> = {
  google: { ...GENERIC, issuer: () => 'https://accounts.google.com', ownIssuer: 'refused' },
  gitlab: { ...GENERIC, issuer: (config) => config.issuer ?? 'https://gitlab.com', ownIssuer: 'optional' },
  microsoft: {
    ...GENERIC,
    issuer: (config) => `https://login.microsoftonline.com/${config.extra['tenant'] ?? 'common'}/v2.0`,
    // In work directories any administrator can write any address into `email`; only `xms_edov` says that its domain was proven.
    emailVerified: (claims) => [true, 1, '1', 'true'].includes(claims['xms_edov'] as string) || claims['tid'] === MICROSOFT_CONSUMERS,
    optional: ['tenant'],
    ownIssuer: 'refused',
  },
  apple: {
    ...GENERIC,
    issuer: () => 'https://appleid.apple.com',
    scopes: ['openid', 'email', 'name'],
    responseMode: 'form_post',
    clientAuthentication: 'apple',
    required: ['team_id', 'key_id'],
    ownIssuer: 'refused',
  },
  github: {
    ...GENERIC,
    protocol: 'github',
    issuer: (config) => `${config.extra['base_url'] ?? 'https://github.com'}/login/oauth`,
    scopes: ['read:user', 'user:email'],
    optional: ['base_url'],
    ownIssuer: 'refused',
  },
}

const GENERIC_NAME = /^oidc:[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/

/** How to talk to a provider; `null` for a name that is none. */
export function providerDefinition(provider: string): ProviderDefinition | null {
  if (Object.hasOwn(NAMED, provider)) return NAMED[provider]!
  return GENERIC_NAME.test(provider) ? GENERIC : null
}
