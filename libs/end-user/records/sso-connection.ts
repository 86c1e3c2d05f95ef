/** How the people of a company, or of the whole project, come in by an identity provider of their own. */
export interface SsoConnection {
  id: string
  /** `null`: of the whole project. */
  organizationId: string | null
  name: string
  state: SsoState
  settings: SsoSettings
  /** For `oidc` the client secret, sealed. Our keys for SAML are rows of their own. */
  secretSealed: Buffer | null
  /** People of its domains come in by it and by nothing else. */
  enforce: boolean
  /** Whether those who may break the glass still come in without it. */
  localLogin: boolean
  /** Proven mail domains that it answers for. */
  domains: string[]
  createdAt: Date
  updatedAt: Date
}

/** `draft` leads nobody anywhere; `testing` only who asks for it by its id; `active` everybody. */
export const SSO_STATES = ['draft', 'testing', 'active'] as const
export type SsoState = (typeof SSO_STATES)[number]

export const SSO_PROTOCOLS = ['oidc', 'saml'] as const
export type SsoProtocol = (typeof SSO_PROTOCOLS)[number]

/** What attributes (SAML) or claims (OIDC) mean here. */
export interface SsoMapping {
  /** `null`: the usual ones. */
  email: string | null
  name: string | null
  groups: string | null
  /** Others that are kept as metadata of the person. */
  metadata: { attribute: string; key: string }[]
}

export interface SsoSettings {
  protocol: SsoProtocol
  oidc: OidcSettings | null
  saml: SamlSettings | null
  mapping: SsoMapping
  /** The first of a person's groups that stands here says their role in the organization. */
  roles: { group: string; role: string }[]
  /** Of those whose groups say nothing; `null`: the role they have stays, `member` at first. */
  fallbackRole: string | null
  /** Whether people who have no account yet get one. */
  createUsers: boolean
}

export interface OidcSettings {
  issuer: string
  clientId: string
  scopes: string[] | null
}

/** Which of the two the identity provider signs; `any` takes either, but never neither. */
export const SIGNED_PARTS = ['assertion', 'response', 'both', 'any'] as const
export type SignedPart = (typeof SIGNED_PARTS)[number]

export interface SamlSettings {
  /** Of the identity provider: the only issuer whose assertions are taken. */
  entityId: string
  ssoUrl: string
  binding: 'redirect' | 'post'
  /** PEM; several while the identity provider changes its key. */
  certificates: string[]
  signed: SignedPart
  metadataUrl: string | null
  /** When `metadataUrl` was read. */
  metadataReadAt: string | null
  /** Whether a sign-in may begin at the identity provider: then it begins here once more. */
  idpInitiated: boolean
  /** Of names that are asked for; `null`: whatever it gives. */
  nameIdFormat: string | null
  /** Whether our requests are signed. */
  signRequests: boolean
  /** Where the answer to its logout requests goes; `null`: it signs nobody out here. */
  sloUrl: string | null
  sloBinding: 'redirect' | 'post'
}

/** What connections did that were saved before there was a choice. */
export const SAML_DEFAULTS = { signRequests: false, sloUrl: null, sloBinding: 'redirect' } as const

/** What identities of a connection are stored under. */
export function ssoProvider(connectionId: string): string {
  return `sso:${connectionId}`
}

/** What the flow of a test is stored under: its answer opens no account. */
export function ssoTestProvider(connectionId: string): string {
  return `sso_test:${connectionId}`
}
