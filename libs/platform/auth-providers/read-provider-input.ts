import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { readHttpUrl } from '@portico/kernel/http-url'
import { providerDefinition, type ProviderDefinition } from '@portico/oauth/provider'

export interface ProviderInput {
  clientId: string
  /** Left out: the stored one is kept. */
  clientSecret?: string | undefined
  issuer?: string | null | undefined
  scopes?: string[] | null | undefined
  tenant?: string | null | undefined
  teamId?: string | null | undefined
  keyId?: string | null | undefined
  baseUrl?: string | null | undefined
}

export interface ReadProvider {
  issuer: string | null
  scopes: string[] | null
  extra: Record<string, string>
}

// RFC 6749, 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/
const TENANT = /^(common|organizations|consumers|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([a-z0-9-]+\.)+[a-z]{2,})$/
const APPLE_ID = /^[A-Z0-9]{10}$/

/** The provider of a path. Throws `not_found`. */
export function knownProvider(provider: string): ProviderDefinition {
  const definition = providerDefinition(provider)
  if (!definition) throw new AuthError('not_found')
  return definition
}

/** Throws `validation_error` for what this provider does not take, lacks or cannot use. */
export function readProviderInput(definition: ProviderDefinition, input: ProviderInput, allowLoopback: boolean): ReadProvider {
  const problems: FieldProblem[] = []
  const issuer = readUrl('issuer', input.issuer ?? null, definition.ownIssuer, allowLoopback, problems)
  const scopes = input.scopes ?? null
  if (scopes?.some((scope) => !SCOPE.test(scope))) problems.push({ field: 'scopes', code: 'invalid_format', message: 'A scope has no spaces and no quotes.' })
  if (scopes && definition.protocol === 'oidc' && !scopes.includes('openid')) problems.push({ field: 'scopes', code: 'invalid', message: 'openid must be among them.' })
  const extra: Record<string, string> = {}
  const given: Record<string, string | null | undefined> = { tenant: input.tenant, team_id: input.teamId, key_id: input.keyId, base_url: input.baseUrl }
  const form: Record<string, RegExp> = { tenant: TENANT, team_id: APPLE_ID, key_id: APPLE_ID }
  for (const [field, value] of Object.entries(given)) {
    if (value === null || value === undefined) {
      if (definition.required.includes(field)) problems.push({ field, code: 'required', message: 'This field is required.' })
    } else if (!definition.required.includes(field) && !definition.optional.includes(field)) {
      problems.push({ field, code: 'not_allowed', message: 'This provider does not take it.' })
    } else if (field === 'base_url') {
      const url = readUrl('base_url', value, 'optional', allowLoopback, problems)
      if (url !== null) extra[field] = url
    } else if (form[field]?.test(value)) extra[field] = value
    else problems.push({ field, code: 'invalid_format', message: 'This does not have the right form.' })
  }
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return { issuer, scopes, extra }
}

function readUrl(field: string, value: string | null, want: ProviderDefinition['ownIssuer'], allowLoopback: boolean, problems: FieldProblem[]): string | null {
  if (value === null) {
    if (want === 'required') problems.push({ field, code: 'required', message: 'This field is required.' })
    return null
  }
  const url = readHttpUrl(value)
  if (want === 'refused') problems.push({ field, code: 'not_allowed', message: 'This provider has an issuer of its own.' })
  else if (!url || url.search !== '' || (url.protocol === 'http:' && !allowLoopback)) problems.push({ field, code: 'invalid_url', message: 'This must be an https URL without query or fragment.' })
  // An issuer is compared letter by letter (OpenID Connect Discovery, 4.3), so it is kept as it is.
  else return field === 'base_url' ? value.replace(/\/+$/, '') : value
  return null
}
