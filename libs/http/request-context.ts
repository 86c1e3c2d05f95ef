import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthError } from '@portico/kernel/auth-error'
import type { OpenSpan } from '@portico/kernel/tracing'
import type { AccessRule } from './access-rule.js'

/** Who called, for audit rows and limits. */
export interface ClientInfo {
  /** Canonical address; never log it. */
  ip: string
  userAgent: string | null
  requestId: string
  /** Aborted when the client goes away before its answer is complete. */
  readonly signal: AbortSignal
}

/** A refusal in the form of another protocol. */
export interface ErrorForm {
  status: number
  type: string
  body: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** How a refusal of this request is said where it is not said in our own form; `null`: in ours. */
    errorForm?: (request: FastifyRequest, error: AuthError) => ErrorForm | null
  }

  interface FastifyRequest {
    /** The project the request is for; set by the plane's guard or hook, `null` before that. */
    project: ProjectRecord | null
    /** The signed-in end user's session; its type is the plane's. */
    session: unknown
    /** The caller of the control plane (API key or platform user); its type is the plane's. */
    principal: unknown
    /** The catalogue code of the refusal, for the request log. */
    errorCode: string | null
    /** Behind `clientInfo().signal`; `null` until somebody asks for it. */
    leaving: AbortController | null
    /** The project in whose share of the places it stands. */
    countedFor: string | null
    /** The client's address as a server with a key of the tenant said it. */
    vouchedAddress: string | null
    /** `null`: no traces are kept, or none of this request. */
    span: OpenSpan | null
    /** Its body is not here yet. */
    reading: boolean
    /** Who called; computed at the first call. */
    clientInfo(): ClientInfo
  }

  interface FastifyContextConfig {
    /** Who may call the route; every route declares it. */
    access?: AccessRule
    /** Name of the limit that the plane applies before the handler. */
    limit?: string
    /** Whether an HTML form may be posted to the route (our own pages only). */
    acceptsForm?: boolean
    /** Whether the route takes `application/scim+json` beside JSON. */
    acceptsScim?: boolean
    /** Not in the request log: probes that come every second. */
    quiet?: boolean
  }
}
