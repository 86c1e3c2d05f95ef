import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { readHttpUrl } from '@portico/kernel/http-url'
import { snakeCase } from '@portico/kernel/snake-case'
import { AUTH_METHODS } from '@portico/oauth/client-authentication'
import { providerDefinition } from '@portico/oauth/known-providers'
import { PROVIDER_OPTIONS, type ProviderDefinition, type ProviderOption, type ProviderOptions } from '@portico/oauth/provider'

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
  tokenEndpointAuthMethod?: string | null | undefined
  expectedIssuer?: string | null | undefined
  discoveryUrl?: string | null | undefined
  idTokenSignedResponseAlg?: string | null | undefined
  requireNonce?: boolean | null | undefined
}

export interface ReadProvider {
  issuer: string | null
  scopes: string[] | null
  options: ProviderOptions
}

/** Public-key algorithms, and HS256 with the client secret, which nothing but this setting turns on. */
const ID_TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
] as const

// RFC 6749, 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/
const TENANT =
  /^(common|organizations|consumers|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})$/
const APPLE_ID = /^[A-Z0-9]{10}$/

const oneOf = (values: readonly string[]) => (value: string) => (values.includes(value) ? value : null)
const matching = (form: RegExp) => (value: string) => (form.test(value) ? value : null)

/** The provider of a path. Throws `not_found`. */
export function knownProvider(provider: string): ProviderDefinition {
  const definition = providerDefinition(provider)
  if (!definition) throw new AuthError('not_found')
  return definition
}

/** Throws `validation_error` for what this provider does not take, lacks or cannot use. */
export function readProviderInput(definition: ProviderDefinition, input: ProviderInput, allowLoopback: boolean): ReadProvider {
  const problems: FieldProblem[] = []
  const url = (value: string) => (isCallable(value, allowLoopback) ? value : null)
  // Each answers the value as it is kept, or null when it has not the right form.
  const forms: Record<ProviderOption, (value: string) => string | null> = {
    tenant: (value) => matching(TENANT)(value.toLowerCase()),
    teamId: matching(APPLE_ID),
    keyId: matching(APPLE_ID),
    baseUrl: (value) => url(value)?.replace(/\/+$/, '') ?? null,
    tokenEndpointAuthMethod: oneOf(AUTH_METHODS),
    expectedIssuer: url,
    // B2C names its policy in the query.
    discoveryUrl: (value) => (url(value.split('?')[0] ?? '') !== null && readHttpUrl(value) !== null ? value : null),
    idTokenSignedResponseAlg: oneOf(ID_TOKEN_ALGORITHMS),
    requireNonce: oneOf(['true', 'false']),
  }
  const given = { ...input, requireNonce: input.requireNonce?.toString() }
  const options: Partial<Record<ProviderOption, string>> = {}
  for (const option of PROVIDER_OPTIONS) {
    const value = given[option]
    const field = snakeCase(option)
    if (value === null || value === undefined) {
      if (definition.required.includes(option)) problems.push({ field, code: 'required', message: 'This field is required.' })
    } else if (!definition.required.includes(option) && !definition.optional.includes(option)) {
      problems.push({ field, code: 'not_allowed', message: 'This provider does not take it.' })
    } else {
      const kept = forms[option](value)
      if (kept === null) problems.push({ field, code: 'invalid_format', message: 'This does not have the right form.' })
      else options[option] = kept
    }
  }
  const issuer = readIssuer(definition, input.issuer ?? null, options, allowLoopback, problems)
  const scopes = input.scopes ?? null
  if (scopes?.some((scope) => !SCOPE.test(scope)))
    problems.push({ field: 'scopes', code: 'invalid_format', message: 'A scope has no spaces and no quotes.' })
  if (scopes && definition.protocol === 'oidc' && !scopes.includes('openid'))
    problems.push({ field: 'scopes', code: 'invalid', message: 'openid must be among them.' })
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return { issuer, scopes, options }
}

function readIssuer(
  definition: ProviderDefinition,
  value: string | null,
  options: ProviderOptions,
  allowLoopback: boolean,
  problems: FieldProblem[],
): string | null {
  const problem = (code: string, message: string) => void problems.push({ field: 'issuer', code, message })
  if (value === null) {
    const elsewhere = options.discoveryUrl !== undefined && options.expectedIssuer !== undefined
    if (definition.ownIssuer === 'required' && !elsewhere) problem('required', 'This field is required.')
  } else if (definition.ownIssuer === 'refused') problem('not_allowed', 'This provider has an issuer of its own.')
  // An issuer is compared letter by letter (OpenID Connect Discovery, 4.3), so it is kept as it is.
  else if (isCallable(value, allowLoopback)) return value
  else problem('invalid_url', 'This must be an https URL without query or fragment.')
  return null
}

function isCallable(value: string, allowLoopback: boolean): boolean {
  const url = readHttpUrl(value)
  return url !== null && !value.includes('?') && (url.protocol === 'https:' || allowLoopback)
}
