import type { Unread } from './unread.js'

/** One provider as a project configured it; the secret is open here and goes nowhere but to the provider. */
export interface ProviderConfig {
  /** Whose configuration it is: calls are counted by project and tenant, and failures remembered by project. */
  projectId: string
  tenantId: string
  /** `google`, `github`, `microsoft`, `apple`, `gitlab` or `oidc:<name>`. */
  provider: string
  clientId: string
  /** For Apple the private key of the service, in PEM (PKCS #8). */
  clientSecret: string
  /** Only for `gitlab` (self-managed) and `oidc:<name>`. */
  issuer: string | null
  /** Null: the provider's own default. */
  scopes: readonly string[] | null
  /** What one provider needs besides. */
  options: ProviderOptions
  /** The claim that lists the groups of a person, for those who want to know; dots lead into objects. */
  groupsClaim?: string
  /** Whether the claims themselves are wanted, for a mapping of the caller's own. */
  keepClaims?: boolean
}

/** What an operator may say of one provider besides client and issuer. */
export const PROVIDER_OPTIONS = [
  'tenant',
  'teamId',
  'keyId',
  'baseUrl',
  'tokenEndpointAuthMethod',
  'expectedIssuer',
  'discoveryUrl',
  'idTokenSignedResponseAlg',
  'requireNonce',
] as const
export type ProviderOption = (typeof PROVIDER_OPTIONS)[number]

/** `tenantId` is not given but found: the directory that a Microsoft domain name stood for when it was saved. */
export type ProviderOptions = Readonly<Partial<Record<ProviderOption | 'tenantId', string>>>

export interface Profile {
  name?: string
  username?: string
  picture?: string
}

/** What a provider said about the person, checked. */
export interface ProvidedIdentity {
  /** Stable at this provider. */
  subject: string
  /** Null: the provider gave none, or could not be asked. */
  email: string | null
  /** Whether the provider vouches that the person holds the address now. */
  emailVerified: boolean
  profile: Profile
  /** Said once and unsigned (Apple's form post): fills what is not known yet, and overwrites nothing. */
  firstProfile?: Profile
  /** Where the configuration names a claim for them. */
  groups?: string[]
  /** Where the configuration asks for them: the ID token, and user info where it was read. */
  claims?: readonly Claims[]
  /** Why the address could not be read. */
  unread?: Unread
}

export type Claims = Readonly<Record<string, unknown>>

export interface ProviderDefinition {
  protocol: 'oidc' | 'github'
  /** What metadata and tokens must name as their issuer; null: the one tenant that the metadata name. */
  issuer(config: ProviderConfig): string | null
  /** Where the metadata are. */
  discovery(config: ProviderConfig): string
  scopes: readonly string[]
  /** Apple posts its answer when name or address are asked for. */
  responseMode?: 'form_post'
  clientAuthentication: 'negotiated' | 'post' | 'apple'
  /** Whether every ID token of this provider repeats the nonce. Without that promise, a nonce that is present must still be right. */
  promisesNonce: boolean
  emailVerified(claims: Claims): boolean
  /** Options that it cannot do without. */
  required: readonly ProviderOption[]
  optional: readonly ProviderOption[]
  /** Whether the project names the issuer itself. */
  ownIssuer: 'required' | 'optional' | 'refused'
}
