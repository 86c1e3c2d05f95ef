import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import type { ClientInfo } from '@portico/http/request-context'
import { readBody, readQuery } from '@portico/http/validated'
import { readAcceptLanguage, type Locale } from '@portico/kernel/locales'
import type { LimitName } from '@portico/kernel/settings/limits'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { bearerToken } from './bearer-token.js'
import { ROUTE_PREFIX } from './project-base.js'

/** `claims`: the use case checks token and session itself. `enrolment`: a session, or an mfa_token in the body. */
export type RouteAccess = 'public' | 'claims' | 'session' | 'enrolment'

type ClassOf<T> = new () => T

export interface RouteOptions<A extends RouteAccess, B extends object, Q extends object> {
  access: A
  limit?: LimitName
  /** Takes `captcha_token`, and asks for it when the project does. */
  captcha?: boolean
  /** Answers every refusal of the route, those before its handler too: a page says it as a page. */
  onError?: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void
  /** Lets our own pages post a form. */
  acceptsForm?: boolean
  /** Largest body in bytes, where it is not the one of all routes. */
  bodyLimit?: number
  /** 200 */
  status?: number
  body?: ClassOf<B>
  query?: ClassOf<Q>
  /** For pages reached by links, to which mail programs add fields of their own. */
  ignoreUnknownQuery?: boolean
}

type SessionOf<A extends RouteAccess> = A extends 'session'
  ? AuthenticatedSession
  : A extends 'enrolment'
    ? AuthenticatedSession | null
    : null

/** The names behind the colons of a path. */
type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Record<Name, string>
    : object

/** Both ends of a request, for what reads or sets headers. */
export interface HttpExchange {
  request: FastifyRequest
  reply: FastifyReply
}

/** What a route is handed: the project it is for, who calls, and what they say, read and checked. */
export class ProjectCall<S, P, B, Q> implements HttpExchange {
  readonly project: ProjectRecord

  constructor(
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
    readonly body: B,
    readonly query: Q,
  ) {
    if (!request.project) throw new Error('a project route without a project')
    this.project = request.project
  }

  /** As the access of the route promises it. */
  get session(): S {
    return this.request.session as S
  }

  get params(): P {
    return this.request.params as P
  }

  /** Address, user agent and request id of the caller. */
  get client(): ClientInfo {
    return this.request.clientInfo()
  }

  /** What the caller's browser prefers, for a mail that it asks for. */
  get askedIn(): Locale | undefined {
    return readAcceptLanguage(this.request.headers['accept-language']) ?? undefined
  }

  /** The token of the `Authorization` header. */
  get bearerToken(): string | null {
    return bearerToken(this.request)
  }
}

/**
 * The routes below an `AUTH_URL`, each naming a use case. They are plain Fastify routes: a controller of Nest, with its pipes and parameter
 * factories, took a third of the time of a hot request. What happens before the handler runs (project, limit, session, captcha) is declared
 * here and done by hooks.
 */
export function projectRoutes(server: FastifyInstance) {
  const on =
    (method: 'GET' | 'POST' | 'PATCH' | 'DELETE') =>
    <A extends RouteAccess, P extends string, B extends object, Q extends object>(
      paths: P | readonly P[],
      options: RouteOptions<A, B, Q>,
      handle: (call: ProjectCall<SessionOf<A>, ParamsOf<P>, B, Q>) => unknown,
    ): void => {
      const { body, query, status, ignoreUnknownQuery: ignoreUnknown = false, onError, bodyLimit, ...config } = options
      for (const path of [paths].flat()) {
        server.route({
          method,
          url: ROUTE_PREFIX + path,
          config,
          ...(onError && { errorHandler: onError }),
          ...(bodyLimit !== undefined && { bodyLimit }),
          handler: async (request, reply) => {
            const said = (body ? readBody(body, request.body) : {}) as B
            const asked = (query ? readQuery(query, request.query, { ignoreUnknown }) : {}) as Q
            if (status !== undefined) reply.code(status)
            return handle(new ProjectCall(request, reply, said, asked))
          },
        })
      }
    }
  return { get: on('GET'), post: on('POST'), patch: on('PATCH'), delete: on('DELETE') }
}
