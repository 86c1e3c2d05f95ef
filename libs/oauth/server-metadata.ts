import type { OutboundFetch } from '@portico/outbound/guarded-http'
import { readHttpUrl } from '@portico/kernel/http-url'
import * as oauth from 'oauth4webapi'
import { MICROSOFT_TEMPLATE, microsoftTenantId, microsoftTokenIssuer } from './microsoft.js'
import { OAuthProblem } from './oauth-problem.js'
import type { Claims, ProviderConfig, ProviderDefinition } from './provider.js'
import { isRecord, readJson } from './read-json.js'

const MAX_AGE_MS = 10 * 60_000
/** A provider that was down is not asked again for this long: callers get their 503 at once. */
const FAILURE_AGE_MS = 5_000
const MAX_ENTRIES = 1_000

interface Found {
  as: oauth.AuthorizationServer
  readAt: number
}

interface Attempt {
  value: Promise<oauth.AuthorizationServer>
  failedAt: number | null
}

/** Options of every request of the library: through the guarded client. */
export function requestOptions(fetch: OutboundFetch, allowLoopback: boolean) {
  return {
    [oauth.customFetch]: (url: string, options: { method: string; headers: Record<string, string>; body?: unknown }) =>
      fetch(url, {
        method: options.method,
        headers: options.headers,
        body: options.body === undefined || options.body === null ? null : String(options.body),
      }),
    [oauth.allowInsecureRequests]: allowLoopback,
  }
}

/**
 * Metadata of authorization servers, for ten minutes. What was found is shared by all projects, by protocol, issuer and place; an attempt,
 * and what became of it when it failed, is its project's alone: its time limit, its calls and its bad luck are no reason to refuse another
 * project.
 */
export class ServerMetadata {
  readonly #found = new Map<string, Found>()
  readonly #attempts = new Map<string, Attempt>()

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** @param fresh past the cache, as for a test call of the operator. */
  get(config: ProviderConfig, definition: ProviderDefinition, fetch: OutboundFetch, fresh = false): Promise<oauth.AuthorizationServer> {
    if (definition.protocol === 'github') return Promise.resolve(githubServer(config, definition.issuer(config) ?? ''))
    const place = JSON.stringify([definition.protocol, definition.issuer(config), definition.discovery(config)])
    const own = `${config.projectId} ${place}`
    const now = this.monotonicMs()
    const found = this.#found.get(place)
    if (found && !fresh && now - found.readAt < MAX_AGE_MS) {
      keep(this.#found, place, found)
      return Promise.resolve(found.as)
    }
    const before = this.#attempts.get(own)
    if (before && !fresh && (before.failedAt === null || now - before.failedAt < FAILURE_AGE_MS)) return before.value
    const attempt: Attempt = { value: discover(config, definition, fetch), failedAt: null }
    keep(this.#attempts, own, attempt)
    attempt.value.then(
      (as) => {
        keep(this.#found, place, { as, readAt: this.monotonicMs() })
        if (this.#attempts.get(own) === attempt) this.#attempts.delete(own)
      },
      () => {
        attempt.failedAt = this.monotonicMs()
      },
    )
    return attempt.value
  }
}

/** Newest last; the least recently used goes first. */
function keep<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key)
  entries.set(key, value)
  if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!)
}

async function discover(config: ProviderConfig, definition: ProviderDefinition, fetch: OutboundFetch): Promise<oauth.AuthorizationServer> {
  const place = definition.discovery(config)
  if (!URL.canParse(place)) throw new OAuthProblem('misconfigured', 'the issuer is not a URL')
  const document = await readJson(await fetch(place), 'the discovery document')
  if (!isRecord(document) || typeof document['issuer'] !== 'string')
    throw new OAuthProblem('misconfigured', 'the discovery document names no issuer')
  const as = readMetadata(document, document['issuer'])
  const expected = definition.issuer(config)
  if (expected === null ? microsoftTenantId(as.issuer) === null : !sameIssuer(as.issuer, expected)) {
    throw new OAuthProblem('misconfigured', 'the discovery document names another issuer than the expected one')
  }
  if (as.issuer !== MICROSOFT_TEMPLATE || config.provider !== 'microsoft') return as
  // For many tenants at once the metadata name a template; a token must name the tenant that it came from.
  return Object.assign(as, { [expectedIssuerHook()]: ({ claims }: { claims: Claims }) => microsoftTokenIssuer(config, claims) })
}

/** Letter by letter (OpenID Connect Discovery, 4.3), but for the slash after a bare host, which operators and servers spell differently. */
function sameIssuer(named: string, expected: string): boolean {
  return (
    named === expected ||
    (URL.canParse(named) && URL.canParse(expected) && new URL(named).pathname === '/' && new URL(named).href === new URL(expected).href)
  )
}

/** The few fields that are used, each of the type that it must have: a server that says something else has not said it. */
function readMetadata(document: Claims, issuer: string): oauth.AuthorizationServer {
  const text = (name: string) => (typeof document[name] === 'string' ? { [name]: document[name] } : {})
  const list = (name: string) =>
    Array.isArray(document[name]) ? { [name]: document[name].filter((entry) => typeof entry === 'string') } : {}
  return {
    issuer,
    ...text('authorization_endpoint'),
    ...text('token_endpoint'),
    ...text('userinfo_endpoint'),
    ...text('jwks_uri'),
    ...list('token_endpoint_auth_methods_supported'),
    ...list('id_token_signing_alg_values_supported'),
    ...list('userinfo_signing_alg_values_supported'),
    ...list('claims_supported'),
    authorization_response_iss_parameter_supported: document['authorization_response_iss_parameter_supported'] === true,
  }
}

/** An end point of the metadata: an https URL (http on loopback with the switch), whatever they say. */
export function endpoint(
  as: oauth.AuthorizationServer,
  name: 'authorization_endpoint' | 'token_endpoint' | 'userinfo_endpoint' | 'jwks_uri',
  allowLoopback: boolean,
): URL {
  const value = as[name]
  if (value === undefined) throw new OAuthProblem('misconfigured', `the provider names no ${name}`)
  const url = readHttpUrl(value)
  if (!url || (url.protocol === 'http:' && !allowLoopback))
    throw new OAuthProblem('misconfigured', `the ${name} of the provider is not an https URL`)
  return url
}

/** Exported at run time and left out of the published types; `openid-client` uses it for the same purpose. */
function expectedIssuerHook(): symbol {
  const hook: unknown = (oauth as unknown as Record<string, unknown>)['_expectedIssuer']
  if (typeof hook !== 'symbol') throw new OAuthProblem('misconfigured', 'this release cannot serve several Microsoft tenants')
  return hook
}

// GitHub has OAuth 2.0 and an API, but issues no ID token to OAuth apps.
function githubServer(config: ProviderConfig, issuer: string): oauth.AuthorizationServer {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/access_token`,
    userinfo_endpoint: config.options.baseUrl === undefined ? 'https://api.github.com/user' : `${config.options.baseUrl}/api/v3/user`,
  }
}
