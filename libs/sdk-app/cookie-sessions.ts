import { Connection } from './connection.js'
import { CookieJar } from './cookie-jar.js'
import type { CookieSettings } from './cookie-options.js'
import { CookieSeal } from './cookie-seal.js'
import { base64url, randomText } from './one-time-flow.js'
import { isPorticoAuthError, PorticoAuthError } from './portico-auth-error.js'
import { RefreshOnce } from './refresh-once.js'
import { sameOriginPath } from './same-origin-path.js'
import { fetchForClient, type TokenClaims, TokenError, verifyToken } from './server.js'
import type { SessionAnswer } from './session.js'

/** A request as every framework can tell it. */
export interface CookieRequest {
  method: string
  /** Path and query. */
  target: string
  header(name: string): string | null
  /** The end user's address, where the framework knows it. */
  clientAddress?: string | null
}

/** Who is signed in, for the app's server. */
export interface ServerSession {
  claims: TokenClaims
  /** For calls to `AUTH_URL` or to servers of yours, on behalf of the user. It must not reach a page. */
  accessToken: string
}

export interface OpenedSession {
  session: ServerSession | null
  /** `Set-Cookie` lines of the answer. */
  setCookies: string[]
}

export interface SentAway {
  location: string
  setCookies: string[]
}

interface Tokens {
  accessToken: string
  refreshToken: string | null
}

export interface SignInStart {
  /** Where to after the sign-in: a path of the app's own. */
  next?: string | null
  page?: 'sign-in' | 'sign-up'
  locale?: string | null
  loginHint?: string | null
}

const FLOW = 'portico-flow-'
const FLOW_SECONDS = 600
/** Tabs that sign in at the same time; a browser's cookies must not grow with every one that was given up. */
const MOST_FLOWS = 5
const TIMEOUT_MS = 8_000

/** Sessions in cookies of the app's own server, begun on the hosted pages: authorization code with PKCE, renewed by the server. */
export class CookieSessions {
  readonly #jar: CookieJar
  readonly #seal: CookieSeal
  readonly #refreshing = new RefreshOnce<Tokens>()

  constructor(readonly settings: CookieSettings) {
    this.#jar = new CookieJar(settings.appUrl.protocol === 'https:')
    this.#seal = new CookieSeal(settings.secrets)
  }

  get callbackUrl(): string {
    return new URL(`${this.settings.basePath}/callback`, this.settings.appUrl).href
  }

  /**
   * Who is signed in, and what the browser has to be told. A session ends only when the server says so: while `AUTH_URL` cannot be asked a
   * token that is good is good, and without one this throws (`network_error`, `timeout`, a 5xx or 429), which is not «signed out».
   */
  async open(request: CookieRequest): Promise<OpenedSession> {
    const { cookieName } = this.settings
    const cookies = request.header('cookie')
    const kept = await this.#seal.open(cookieName, this.#jar.readLong(cookies, cookieName))
    const tokens = kept === null ? null : readTokens(kept)
    if (tokens === null) return { session: null, setCookies: this.#jar.dropLong(cookies, cookieName) }
    const claims = await this.#check(tokens.accessToken)
    const session = claims && { claims, accessToken: tokens.accessToken }
    if (tokens.refreshToken === null || (claims && !isDue(claims))) {
      return { session, setCookies: session ? [] : this.#jar.dropLong(cookies, cookieName) }
    }
    try {
      return await this.#renew(request, tokens.refreshToken)
    } catch (error) {
      if (isPorticoAuthError(error) && error.status === 401) return { session: null, setCookies: this.#jar.dropLong(cookies, cookieName) }
      if (session) return { session, setCookies: [] }
      throw error
    }
  }

  /** To the hosted page. The verifier stays here, in a cookie that only this browser has. */
  async start(request: CookieRequest, { next, page = 'sign-in', locale, loginHint }: SignInStart): Promise<SentAway> {
    const { url } = this.settings
    const cookies = request.header('cookie')
    const [state, verifier] = [randomText(), randomText()]
    const name = FLOW + state.slice(0, 12)
    const flow = await this.#seal.seal(name, { state, verifier, next: sameOriginPath(next) })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
    const query = new URLSearchParams({
      redirect_to: this.callbackUrl,
      code_challenge: base64url(digest),
      state,
      ...(locale && { locale }),
      ...(loginHint && { login_hint: loginHint }),
    })
    const others = this.#jar.names(cookies, FLOW)
    const given = others.length < MOST_FLOWS ? [] : others.map((other) => this.#jar.write(other, '', 0))
    return { location: `${url}/${page}?${query}`, setCookies: [...given, this.#jar.write(name, flow, FLOW_SECONDS)] }
  }

  /** Back from there. Throws `flow_not_found` for what this browser did not begin: a link with somebody else's code signs nobody in. */
  async finish(request: CookieRequest): Promise<SentAway> {
    const { settings } = this
    const cookies = request.header('cookie')
    const query = new URL(request.target, settings.appUrl).searchParams
    const state = query.get('state') ?? ''
    const name = FLOW + state.slice(0, 12)
    const flow = /^[\w-]{43}$/.test(state) ? await this.#seal.open(name, this.#jar.read(cookies, name)) : null
    if (flow === null || flow['state'] !== state || typeof flow['verifier'] !== 'string') {
      throw new PorticoAuthError({ code: 'flow_not_found', message: 'This sign-in was not begun here, or too long ago.' })
    }
    const done = this.#jar.write(name, '', 0)
    const code = query.get('code')
    if (code === null) {
      throw new PorticoAuthError({ code: query.get('error') ?? 'invalid_response', message: 'The sign-in was not completed.' })
    }
    const body = { code, codeVerifier: flow['verifier'] }
    const tokens = tokensOf(await this.#call<SessionAnswer>(request, '/token/exchange', body))
    // Fails here rather than at the next page where the app checks tokens with another project's key.
    if ((await this.#check(tokens.accessToken)) === null) throw new TokenError('invalid_token', 'not a token of this project')
    return { location: sameOriginPath(flow['next']), setCookies: [done, ...(await this.#write(cookies, tokens))] }
  }

  /** Ends the session at `AUTH_URL` too, with the hosted account page; the browser forgets it whether or not that was heard. */
  async signOut(request: CookieRequest): Promise<string[]> {
    const { cookieName } = this.settings
    const cookies = request.header('cookie')
    const kept = await this.#seal.open(cookieName, this.#jar.readLong(cookies, cookieName))
    const tokens = kept === null ? null : readTokens(kept)
    if (tokens !== null) {
      const body = tokens.refreshToken === null ? {} : { refreshToken: tokens.refreshToken }
      await this.#call(request, '/logout', body, tokens.refreshToken === null ? tokens.accessToken : undefined).catch((error: unknown) => {
        if (!isPorticoAuthError(error)) throw error
      })
    }
    return this.#jar.dropLong(cookies, cookieName)
  }

  /** `null`: expired, or not good. Throws when that cannot be found out. */
  async #check(accessToken: string): Promise<TokenClaims | null> {
    try {
      return await verifyToken(accessToken, this.settings.verify)
    } catch (error) {
      if (error instanceof TokenError && error.code === 'invalid_token') return null
      throw error
    }
  }

  async #renew(request: CookieRequest, refreshToken: string): Promise<OpenedSession> {
    const ask = async () => tokensOf(await this.#call<SessionAnswer>(request, '/refresh', { refreshToken }))
    const tokens = await this.#refreshing.get(refreshToken, ask)
    const claims = await this.#check(tokens.accessToken)
    if (claims === null) throw new TokenError('unavailable', 'the renewed token is not good here: another project’s key?')
    return { session: { claims, accessToken: tokens.accessToken }, setCookies: await this.#write(request.header('cookie'), tokens) }
  }

  async #write(cookies: string | null, tokens: Tokens): Promise<string[]> {
    const { cookieName, maxAgeSeconds } = this.settings
    const value = await this.#seal.seal(cookieName, { access: tokens.accessToken, refresh: tokens.refreshToken })
    return this.#jar.writeLong(cookies, cookieName, value, maxAgeSeconds)
  }

  /** As the browser: the list of devices names it, and the renewals of one browser are those of one kind of client on every server. */
  #call<T>(request: CookieRequest, path: string, body: object, accessToken?: string): Promise<T> {
    const { url, clientsKey, fetch } = this.settings
    const { clientAddress } = request
    const userAgent = request.header('user-agent')
    const send = clientsKey && clientAddress ? fetchForClient({ key: clientsKey, clientAddress }, fetch) : fetch
    const asBrowser: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      if (userAgent) headers.set('User-Agent', userAgent)
      return send(input, { ...init, headers })
    }
    return new Connection(url, 'omit', TIMEOUT_MS, asBrowser).send<T>({ method: 'POST', path, body }, accessToken)
  }
}

const isDue = ({ exp, iat }: TokenClaims) => exp - Date.now() / 1000 < Math.min(60, (exp - iat) / 5)

function readTokens({ access, refresh }: Record<string, unknown>): Tokens | null {
  if (typeof access !== 'string') return null
  return { accessToken: access, refreshToken: typeof refresh === 'string' ? refresh : null }
}

function tokensOf({ accessToken, refreshToken }: SessionAnswer): Tokens {
  if (typeof accessToken !== 'string') throw new PorticoAuthError({ code: 'invalid_response', message: 'The server answered no session.' })
  return { accessToken, refreshToken: refreshToken ?? null }
}
