import type { ProjectRecord } from '@portico/database/project-directory'
import type { Enrolling } from '@portico/end-user/steps/enrolling'
import type { IssuedSession } from '@portico/end-user/steps/token-issuer'
import { isPending, type SignInResult } from '@portico/end-user/steps/sign-in-result'
import { isOriginOf, readHost } from '@portico/http/request-host'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyRequest } from 'fastify'
import { DeviceCookie } from '../../../project/device-cookie.js'
import { projectBaseOf } from '../../../project/project-base.js'
import type { HttpExchange } from '../../../project/project-routes.js'
import { pendingAnswer, sessionAnswer } from '../answers/session.js'

const HOST_COOKIE = '__Host-portico-refresh'
const PATH_COOKIE = '__Secure-portico-refresh'

/**
 * How refresh tokens travel: in the body, or (a project's choice) in a cookie that scripts cannot read.
 *
 * `SameSite` is `Lax` for an app on the same origin or site, `None` once the project lists `allowed_origins`: those may be of another site,
 * where a browser would not send a `Lax` cookie with `fetch`. What holds off forged requests is therefore the check of `Origin`, never
 * `SameSite` alone.
 */
export class SessionTransport {
  readonly #publicOrigin: string
  readonly #devices: DeviceCookie

  constructor(publicUrl: string) {
    this.#publicOrigin = new URL(publicUrl).origin
    this.#devices = new DeviceCookie(publicUrl)
  }

  /**
   * The session answer, in cookie mode without the refresh token, which goes into the cookie; or what second factor is missing. What the
   * device is known by travels as the refresh token does.
   */
  answer(http: HttpExchange, project: ProjectRecord, issued: SignInResult) {
    const { deviceToken } = issued
    if (deviceToken === undefined) return this.#answer(http, project, issued)
    if (!inCookie(project)) return { ...this.#answer(http, project, issued), device_token: deviceToken }
    const answer = this.#answer(http, project, issued)
    this.#devices.keep(http, project, deviceToken)
    return answer
  }

  /** What the device is known by: from the body, else the cookie. */
  deviceToken({ request }: HttpExchange, inBody: string | undefined): string | undefined {
    return inBody ?? this.#devices.read(request)
  }

  #answer({ request, reply }: HttpExchange, project: ProjectRecord, issued: SignInResult) {
    if (isPending(issued)) return pendingAnswer(issued)
    if (!inCookie(project)) return sessionAnswer(issued, true)
    const { session_absolute_seconds: absolute, session_idle_seconds: idle } = project.settings
    if (issued.refreshToken !== null) setCookie({ request, reply }, project, issued.refreshToken, Math.min(idle, absolute ?? idle))
    return sessionAnswer(issued, false)
  }

  /**
   * What an added factor brings along: a whole session for who had none yet, else the raised access token; and recovery codes, this once.
   */
  enrolled(
    http: HttpExchange,
    project: ProjectRecord,
    who: Enrolling,
    { issued, recoveryCodes }: { issued: IssuedSession; recoveryCodes: string[] | null },
  ) {
    const session = who.session ? sessionAnswer(issued, false) : this.answer(http, project, issued)
    return { ...(recoveryCodes ? { recovery_codes: recoveryCodes } : {}), ...session }
  }

  /**
   * The refresh token of a request: from the body, which only its holder can have written, else from the cookie, which a browser sends for
   * anybody and which therefore counts only from the project's own pages. Throws `origin_not_allowed`; beside an access token, which a
   * browser sends for nobody, a cookie from elsewhere is passed over instead.
   */
  refreshToken(
    { request }: HttpExchange,
    project: ProjectRecord,
    inBody: string | undefined,
    { besideAccessToken = false } = {},
  ): string | null {
    if (inBody !== undefined) return inBody
    const token = inCookie(project) ? readCookie(request) : null
    if (token === null || this.#isFromOurPages(request, project)) return token
    if (besideAccessToken) return null
    throw new AuthError('origin_not_allowed')
  }

  /** Takes the cookie back. */
  clear({ request, reply }: HttpExchange, project: ProjectRecord): void {
    if (inCookie(project) && readCookie(request) !== null) setCookie({ request, reply }, project, '', 0)
  }

  #isFromOurPages(request: FastifyRequest, project: ProjectRecord): boolean {
    const { origin } = request.headers
    // Only old browsers leave Origin out of a POST; then the browser itself must say that the page is ours.
    return origin === undefined
      ? request.headers['sec-fetch-site'] === 'same-origin'
      : project.settings.allowed_origins.includes(origin) || this.#isOwn(origin, request)
  }

  #isOwn(origin: string, request: FastifyRequest): boolean {
    const base = projectBaseOf(request.raw)
    // At the root of a custom domain the host was matched with a verified one, so it is not just hearsay.
    return base?.kind === 'host' ? isOriginOf(origin, readHost(request.headers.host)) : origin === this.#publicOrigin
  }
}

function inCookie(project: ProjectRecord): boolean {
  return project.settings.refresh_token_transport === 'cookie'
}

function setCookie({ request, reply }: HttpExchange, project: ProjectRecord, value: string, maxAgeSeconds: number): void {
  const base = projectBaseOf(request.raw)
  const sameSite = project.settings.allowed_origins.length > 0 ? 'None' : 'Lax'
  // Below a shared host the path keeps the cookies of projects apart; at a root of its own nobody else may set it (RFC 6265bis, 4.1.3).
  const [name, path] = base?.kind === 'id' ? [PATH_COOKIE, base.path] : [HOST_COOKIE, '/']
  reply.header('set-cookie', `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=${sameSite}`)
}

function readCookie(request: FastifyRequest): string | null {
  const name = projectBaseOf(request.raw)?.kind === 'id' ? PATH_COOKIE : HOST_COOKIE
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null
  }
  return null
}
