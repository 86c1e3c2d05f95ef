import { readEnv, type VerifyOptions } from './server.js'

export interface CookieSessionOptions {
  /** `AUTH_URL`; the variable of that name when absent. */
  url?: string
  /** Where browsers find the app: `https://app.example`; `APP_URL` when absent. Never taken from a request, whose `Host` anybody writes. */
  appUrl?: string
  /**
   * Seals the cookies; 32 characters or more. Several: the first seals, all open. `PORTICO_COOKIE_SECRET` when absent; without any the
   * cookies are plain, and HttpOnly all the same.
   */
  secret?: string | readonly string[]
  /** Below it are `sign-in`, `sign-up`, `callback`, `sign-out`, `session`; `/auth`. `{appUrl}/auth/callback` stands in `redirect_urls`. */
  basePath?: string
  /**
   * Paths that are for signed-in people alone: beginnings, or a function. When absent the project's `sign_in_gate` says it: `required`
   * protects everything. Nothing below `basePath` is ever protected.
   */
  protect?: readonly string[] | ((path: string) => boolean)
  /** Paths that strangers see although the gate is `required`: beginnings. */
  publicPaths?: readonly string[]
  /** Other origins whose pages may send forms and calls with the cookie. */
  trustedOrigins?: readonly string[]
  /** Where a sign-out leads; `/`. */
  signedOutPath?: string
  /** How long the browser keeps the cookie after the last renewal; 30 days. The session may end before. */
  maxAgeSeconds?: number
  /** `portico-session`. */
  cookieName?: string
  /** A key with the scope `clients:forward`, so that limits count people and not this server; `PORTICO_CLIENTS_KEY` when absent. */
  clientsKey?: string
  /** How access tokens are checked; keys and issuer come from the environment when absent. */
  verify?: VerifyOptions
  fetch?: typeof globalThis.fetch
}

export interface CookieSettings {
  url: string
  appUrl: URL
  secrets: readonly string[]
  basePath: string
  protect: readonly string[] | ((path: string) => boolean) | null
  publicPaths: readonly string[]
  trustedOrigins: readonly string[]
  signedOutPath: string
  maxAgeSeconds: number
  cookieName: string
  clientsKey: string | null
  verify: VerifyOptions
  fetch: typeof globalThis.fetch
}

/** Throws TypeError for what would not work, when it is made rather than at the first request. */
export function readCookieOptions(options: CookieSessionOptions): CookieSettings {
  const url = (options.url ?? readEnv('AUTH_URL'))?.replace(/\/+$/, '')
  const appUrl = options.appUrl ?? readEnv('APP_URL')
  if (!url || !URL.canParse(url)) throw new TypeError('Cookie sessions: give url, or set AUTH_URL.')
  if (!appUrl || !URL.canParse(appUrl)) throw new TypeError('Cookie sessions: give appUrl, or set APP_URL: https://app.example')
  const basePath = options.basePath ?? '/auth'
  if (!/^(\/[\w-]+)+$/.test(basePath)) throw new TypeError('Cookie sessions: basePath is a path such as /auth.')
  const secret = options.secret ?? readEnv('PORTICO_COOKIE_SECRET') ?? []
  const secrets = typeof secret === 'string' ? [secret] : secret
  return {
    url,
    appUrl: new URL(appUrl),
    secrets,
    basePath,
    protect: options.protect ?? null,
    publicPaths: options.publicPaths ?? [],
    trustedOrigins: options.trustedOrigins ?? [],
    signedOutPath: options.signedOutPath ?? '/',
    maxAgeSeconds: options.maxAgeSeconds ?? 30 * 86_400,
    cookieName: options.cookieName ?? 'portico-session',
    clientsKey: options.clientsKey ?? readEnv('PORTICO_CLIENTS_KEY') ?? null,
    verify: { issuer: url, ...(hasKey(options.verify) ? {} : { jwksUrl: `${url}/.well-known/jwks.json` }), ...options.verify },
    fetch: options.fetch ?? ((...call) => globalThis.fetch(...call)),
  }
}

/** Whether something says with what tokens are checked; else the project's published keys do. */
function hasKey({ secret, secrets, jwksUrl }: VerifyOptions = {}): boolean {
  return Boolean(secret ?? secrets ?? jwksUrl ?? readEnv('AUTH_JWT_SECRET') ?? readEnv('AUTH_JWKS_URL'))
}
