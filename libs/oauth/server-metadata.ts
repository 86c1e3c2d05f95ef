import * as oauth from 'oauth4webapi'
import type { OutboundFetch } from './guarded-http.js'
import { OAuthProblem } from './oauth-problem.js'
import type { ProviderConfig, ProviderDefinition } from './provider.js'

const MAX_AGE_MS = 10 * 60_000
/** A provider that was down is not asked again for this long: callers get their 503 at once. */
const FAILURE_AGE_MS = 5_000
const MAX_ENTRIES = 500
const MICROSOFT_TEMPLATE = 'https://login.microsoftonline.com/{tenantid}/v2.0'
const MICROSOFT_MANY = /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)\/v2\.0$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Entry {
  value: Promise<oauth.AuthorizationServer>
  readAt: number
  failed: boolean
}

/** Options of every request through the guarded client. */
export function requestOptions(fetch: OutboundFetch, allowLoopback: boolean) {
  return {
    [oauth.customFetch]: (url: string, options: { method: string; headers: Record<string, string>; body?: unknown }) =>
      fetch(url, { method: options.method, headers: options.headers, body: options.body === undefined || options.body === null ? null : String(options.body) }),
    [oauth.allowInsecureRequests]: allowLoopback,
  }
}

/** Discovered metadata by issuer, for ten minutes. The library keeps a server's keys with the same object. */
export class ServerMetadata {
  readonly #entries = new Map<string, Entry>()

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** @param fresh past the cache, as for a test call of the operator. */
  get(config: ProviderConfig, definition: ProviderDefinition, fetch: OutboundFetch, allowLoopback: boolean, fresh = false): Promise<oauth.AuthorizationServer> {
    const issuer = definition.issuer(config)
    const now = this.monotonicMs()
    const found = this.#entries.get(issuer)
    if (found && !fresh && now - found.readAt < (found.failed ? FAILURE_AGE_MS : MAX_AGE_MS)) return found.value
    const value = definition.protocol === 'github' ? Promise.resolve(githubServer(config, issuer)) : discover(issuer, fetch, allowLoopback)
    const entry: Entry = { value, readAt: now, failed: false }
    this.#entries.delete(issuer)
    this.#entries.set(issuer, entry)
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value!)
    value.catch(() => {
      entry.failed = true
      entry.readAt = this.monotonicMs()
    })
    return value
  }
}

async function discover(issuer: string, fetch: OutboundFetch, allowLoopback: boolean): Promise<oauth.AuthorizationServer> {
  if (!URL.canParse(issuer)) throw new OAuthProblem('misconfigured', 'the issuer is not a URL')
  const response = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oidc', ...requestOptions(fetch, allowLoopback) })
  if (!MICROSOFT_MANY.test(issuer)) return oauth.processDiscoveryResponse(new URL(issuer), response)
  const as = await oauth.processDiscoveryResponse(new URL(MICROSOFT_TEMPLATE), response)
  // For many tenants at once the metadata names a template; a token must name the tenant that it came from.
  return Object.assign(as, {
    [expectedIssuerHook()]: ({ claims }: { claims: Record<string, unknown> }) =>
      typeof claims['tid'] === 'string' && UUID.test(claims['tid']) ? MICROSOFT_TEMPLATE.replace('{tenantid}', claims['tid']) : undefined,
  })
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
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    userinfo_endpoint: config.extra['base_url'] === undefined ? 'https://api.github.com/user' : `${config.extra['base_url']}/api/v3/user`,
  }
}
