import { readHost } from '@portico/http/request-host'
import { sendAway } from '@portico/http/send-away'
import type { Logger } from '@portico/http/request-log'
import { readQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { authUrl } from '@portico/kernel/auth-url'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import { SignInRefusal } from '@portico/end-user/steps/sign-in-refusal'
import { digestToken } from '@portico/crypto/token-digest'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { SignInQuery } from './console.body.js'
import { callbackUrl } from './console-settings.js'
import { OUTSIDE_PROVIDER, type OutsideIssuer } from './outside-issuer.js'
import { readNext, type SignInFlow } from './sign-in-flow.js'
import { cookieLostPage, elsewherePage, issuerProblemPage, lostPage, refusedPage } from './sign-in.pages.js'

const BASE = '/api/v1/console'

/** The way of a browser to the sign-in page and back. */
export function registerConsoleSignIn(server: FastifyInstance, use: UseCases, logger: Logger): void {
  const { flows, place, issuer, door, cookie } = use.console
  const config = { access: 'public' }

  server.get(`${BASE}/sign-in`, { config }, async (request, reply) => {
    const { next: wanted, local = false, moved = false } = readQuery(SignInQuery, request.query)
    const next = readNext(wanted)
    const mode = await door.mode()
    if (mode === 'open' || mode === 'token') return sendAway(reply, next)
    if (!isPublicHost(request, place.publicUrl)) {
      // Cookies and the way back belong to the public address. Sent there once: a proxy that renames the host would send it round for ever.
      if (moved) return elsewherePage(reply, place.publicUrl)
      const parameters = new URLSearchParams({ next, moved: 'true', ...(local && { local: 'true' }) })
      return sendAway(reply, `${place.publicUrl}${BASE}/sign-in?${parameters}`)
    }
    const outside = mode === 'oidc' && !local ? issuer : null
    if (mode === 'oidc' && local && !place.localLogin) throw new AuthError('forbidden')
    const flow = await flows.begin(reply, outside ? 'oidc' : 'local', next)
    if (outside === null) return sendAway(reply, await ownPage(flow))
    try {
      return sendAway(reply, (await outside.authorizationUrl(flow)).href)
    } catch (error) {
      if (!(error instanceof OAuthProblem)) throw error
      return problemPage(reply, error)
    }
  })

  server.get(`${BASE}/callback`, { config }, async (request, reply) => {
    const parameters = readParameters(request)
    const flow = await flows.end(request, reply, parameters.get('state'))
    if (flow === null) return lostPage(reply, place)
    const from = request.clientInfo()
    try {
      const session =
        flow.way === 'oidc' && issuer ? await throughIssuer(issuer, flow, parameters, from) : await throughOwnPage(flow, parameters, from)
      if (session === null) return lostPage(reply, place)
      const opened = await use.openConsoleSession.forPerson(flow.way, session.person.id, session.sessionId)
      cookie.set(reply, opened.token, opened.seconds)
      return sendAway(reply, `${BASE}/arrived?${new URLSearchParams({ next: flow.next })}`)
    } catch (error) {
      if (error instanceof OAuthProblem) return problemPage(reply, error)
      if (error instanceof SignInRefusal) return refusedPage(reply, error.message, place)
      if (error instanceof AuthError && error.status < 500) return refusedPage(reply, error.message, place)
      throw error
    }
  })

  /** Whether the browser has kept the cookie: if not, the console would send it to sign in again, and that page back, for ever. */
  server.get(`${BASE}/arrived`, { config }, async (request, reply) => {
    const { next } = readQuery(SignInQuery, request.query)
    return cookie.read(request) === null ? cookieLostPage(reply, place) : sendAway(reply, readNext(next))
  })

  function problemPage(reply: FastifyReply, problem: OAuthProblem): FastifyReply {
    logger.warn({ kind: problem.kind, detail: problem.detail }, 'the issuer of the console')
    return issuerProblemPage(reply, problem, place)
  }

  async function ownPage(flow: SignInFlow): Promise<string> {
    const { projectId } = await use.consoleProject.ids()
    const parameters = new URLSearchParams({
      redirect_to: callbackUrl(place.publicUrl),
      code_challenge: digestToken(flow.codeVerifier).toString('base64url'),
      code_challenge_method: 'S256',
      state: flow.state,
    })
    return `${authUrl(place.dataPlanePublicUrl, projectId)}/sign-in?${parameters}`
  }

  async function throughOwnPage({ codeVerifier }: SignInFlow, parameters: URLSearchParams, from: From) {
    const code = parameters.get('code')
    return code === null ? null : use.console.people.redeem({ code, codeVerifier }, from)
  }

  async function throughIssuer(outside: OutsideIssuer, flow: SignInFlow, parameters: URLSearchParams, from: From) {
    const identity = await outside.identify(flow, parameters)
    const person = await use.console.people.admit(OUTSIDE_PROVIDER, identity, from)
    await use.admitFromIssuer.execute(person, { role: outside.roleOf(identity), vouched: identity.emailVerified }, from)
    return use.console.people.startSession({ userId: person.id, amr: ['fed'], outside: true }, from)
  }
}

type From = ReturnType<FastifyRequest['clientInfo']>

function isPublicHost(request: FastifyRequest, publicUrl: string): boolean {
  const asked = readHost(request.headers.host)
  const own = new URL(publicUrl)
  const usual = own.protocol === 'https:' ? 443 : 80
  const known = readHost(own.host)
  return asked !== null && asked.hostname === known?.hostname && (asked.port ?? usual) === (known.port ?? usual)
}

/** Every field once, as text; a doubled one could be read differently by two readers. */
function readParameters(request: FastifyRequest): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries((request.query ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new AuthError('invalid_request')
    parameters.set(name, value)
  }
  return parameters
}
