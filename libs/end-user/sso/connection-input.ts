import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { readHttpUrl } from '@portico/kernel/http-url'
import type { OrganizationRole } from '../records/organization-role.store.js'
import {
  SAML_DEFAULTS,
  type OidcSettings,
  type SamlSettings,
  type SsoMapping,
  type SsoProtocol,
  type SsoSettings,
  type SsoState,
} from '../records/sso-connection.js'

export interface OidcInput {
  issuer?: string | undefined
  clientId?: string | undefined
  /** Left out: the stored one is kept. */
  clientSecret?: string | undefined
  scopes?: string[] | null | undefined
}

export interface SamlInput {
  /** Of the identity provider: either of these two, or what stands in them. */
  metadataUrl?: string | null | undefined
  metadataXml?: string | undefined
  entityId?: string | undefined
  ssoUrl?: string | undefined
  certificates?: string[] | undefined
  binding?: SamlSettings['binding'] | undefined
  signed?: SamlSettings['signed'] | undefined
  idpInitiated?: boolean | undefined
  nameIdFormat?: string | null | undefined
  signRequests?: boolean | undefined
  sloUrl?: string | null | undefined
  sloBinding?: SamlSettings['sloBinding'] | undefined
  /** Set where `metadataUrl` was read just now. */
  metadataReadAt?: string | undefined
}

export interface ConnectionInput {
  name?: string | undefined
  state?: SsoState | undefined
  oidc?: OidcInput | undefined
  saml?: SamlInput | undefined
  attributes?: { [Name in keyof SsoMapping]?: SsoMapping[Name] | undefined } | undefined
  roles?: SsoSettings['roles'] | undefined
  fallbackRole?: string | null | undefined
  createUsers?: boolean | undefined
  domains?: string[] | undefined
  enforce?: boolean | undefined
  localLogin?: boolean | undefined
}

export const NO_MAPPING: SsoMapping = { email: null, name: null, groups: null, metadata: [] }

export function emptySettings(protocol: SsoProtocol): SsoSettings {
  return { protocol, oidc: null, saml: null, mapping: NO_MAPPING, roles: [], fallbackRole: null, createUsers: true }
}

const METADATA_KEY = /^[a-z][a-z0-9_]{0,63}$/
// RFC 6749, 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/

/** What the input makes of the settings before it. Throws `validation_error`. Metadata of the identity provider are read by then. */
export function changedSettings(
  before: SsoSettings,
  input: ConnectionInput,
  roles: readonly OrganizationRole[],
  allowLoopback: boolean,
): SsoSettings {
  const problems: FieldProblem[] = []
  for (const other of ['oidc', 'saml'] as const) {
    if (other !== before.protocol && input[other] !== undefined)
      problems.push({ field: other, code: 'not_allowed', message: `This connection speaks ${before.protocol}.` })
  }
  const after: SsoSettings = {
    ...before,
    oidc: before.protocol === 'oidc' ? changedOidc(before.oidc, input.oidc, allowLoopback, problems) : null,
    saml: before.protocol === 'saml' ? changedSaml(before.saml, input.saml, allowLoopback, problems) : null,
    mapping: changedMapping(before.mapping, input.attributes, problems),
    roles: input.roles ?? before.roles,
    fallbackRole: input.fallbackRole === undefined ? before.fallbackRole : input.fallbackRole,
    createUsers: input.createUsers ?? before.createUsers,
  }
  const known = new Set(roles.map(({ key }) => key))
  for (const [index, { role }] of after.roles.entries()) {
    if (!known.has(role)) problems.push({ field: `roles.${index}.role`, code: 'unknown', message: 'The organization has no such role.' })
  }
  if (after.fallbackRole !== null && !known.has(after.fallbackRole))
    problems.push({ field: 'fallback_role', code: 'unknown', message: 'The organization has no such role.' })
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return after
}

function changedOidc(
  before: OidcSettings | null,
  input: OidcInput | undefined,
  allowLoopback: boolean,
  problems: FieldProblem[],
): OidcSettings | null {
  if (input === undefined) return before
  const issuer = input.issuer ?? before?.issuer ?? ''
  const clientId = input.clientId ?? before?.clientId ?? ''
  const scopes = input.scopes === undefined ? (before?.scopes ?? null) : input.scopes
  // An issuer is compared letter by letter (OpenID Connect Discovery, 4.3), so it is kept as it is.
  if (!isCallable(issuer, allowLoopback) || issuer.includes('?'))
    problems.push({ field: 'oidc.issuer', code: 'invalid_url', message: 'This must be an https URL without query or fragment.' })
  if (clientId === '') problems.push({ field: 'oidc.client_id', code: 'required', message: 'This field is required.' })
  if (scopes !== null && !(scopes.includes('openid') && scopes.every((scope) => SCOPE.test(scope))))
    problems.push({ field: 'oidc.scopes', code: 'invalid', message: 'openid must be among them, and none has spaces or quotes.' })
  return { issuer, clientId, scopes }
}

function changedSaml(
  before: SamlSettings | null,
  input: SamlInput | undefined,
  allowLoopback: boolean,
  problems: FieldProblem[],
): SamlSettings | null {
  if (input === undefined) return before
  const after: SamlSettings = {
    entityId: input.entityId ?? before?.entityId ?? '',
    ssoUrl: input.ssoUrl ?? before?.ssoUrl ?? '',
    certificates: input.certificates ?? before?.certificates ?? [],
    binding: input.binding ?? before?.binding ?? 'redirect',
    signed: input.signed ?? before?.signed ?? 'any',
    metadataUrl: input.metadataUrl === undefined ? (before?.metadataUrl ?? null) : input.metadataUrl,
    metadataReadAt: input.metadataReadAt ?? before?.metadataReadAt ?? null,
    idpInitiated: input.idpInitiated ?? before?.idpInitiated ?? false,
    nameIdFormat: input.nameIdFormat === undefined ? (before?.nameIdFormat ?? null) : input.nameIdFormat,
    signRequests: input.signRequests ?? before?.signRequests ?? SAML_DEFAULTS.signRequests,
    sloUrl: input.sloUrl === undefined ? (before?.sloUrl ?? SAML_DEFAULTS.sloUrl) : input.sloUrl,
    sloBinding: input.sloBinding ?? before?.sloBinding ?? SAML_DEFAULTS.sloBinding,
  }
  if (after.entityId === '') problems.push({ field: 'saml.entity_id', code: 'required', message: 'This field is required.' })
  if (!isCallable(after.ssoUrl, allowLoopback))
    problems.push({ field: 'saml.sso_url', code: 'invalid_url', message: 'This must be an https URL.' })
  if (after.sloUrl !== null && !isCallable(after.sloUrl, allowLoopback))
    problems.push({ field: 'saml.slo_url', code: 'invalid_url', message: 'This must be an https URL.' })
  if (after.certificates.length === 0)
    problems.push({ field: 'saml.certificates', code: 'required', message: 'Give the certificate that the identity provider signs with.' })
  return after
}

function changedMapping(before: SsoMapping, input: ConnectionInput['attributes'], problems: FieldProblem[]): SsoMapping {
  if (input === undefined) return before
  const kept = <T>(value: T | undefined, other: T): T => (value === undefined ? other : value)
  const metadata = input.metadata ?? before.metadata
  for (const [index, { key }] of metadata.entries()) {
    if (!METADATA_KEY.test(key))
      problems.push({ field: `attributes.metadata.${index}.key`, code: 'invalid', message: 'Lower-case letters, digits and _, a letter first.' })
  }
  return {
    email: kept(input.email, before.email),
    name: kept(input.name, before.name),
    groups: kept(input.groups, before.groups),
    metadata,
  }
}

export function isCallable(value: string, allowLoopback: boolean): boolean {
  const url = readHttpUrl(value)
  return url !== null && (url.protocol === 'https:' || allowLoopback)
}
