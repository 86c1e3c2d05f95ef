import type { ReadAccount } from '@portico/end-user/account/read-account'
import type { LogIn } from '@portico/end-user/ways-in/password/log-in'
import type { RequestPasswordReset } from '@portico/end-user/ways-in/password/request-password-reset'
import type { SignUp } from '@portico/end-user/ways-in/password/sign-up'
import type { RefreshSession } from '@portico/end-user/sessions/refresh-session'
import type { VerifyToken } from '@portico/end-user/sessions/verify-token'
import type { ProjectRecord } from '@portico/database/project-directory'
import { readBody } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { MailDelivery } from './email/mail-delivery.js'
import { LogInBody, MailRequestBody, SignUpBody } from './password/password.body.js'
import { ROUTE_PREFIX } from '../../project/project-base.js'
import { bearerToken } from './session/bearer-token.js'
import { RefreshBody, VerifyBody } from './session/session.body.js'
import type { SessionTransport } from './session/session-transport.js'

export interface HotRouteParts {
  signUp: SignUp
  logIn: LogIn
  verifyToken: VerifyToken
  refreshSession: RefreshSession
  readAccount: ReadAccount
  requestReset: RequestPasswordReset
  transport: SessionTransport
  mail: MailDelivery
}

const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * The routes that an app calls with every request of its own, those that strangers can make us write rows with, and those whose time belongs to
 * the password hash. They are plain Fastify routes: a controller of Nest, with its pipes and parameter factories, took a third of the time of
 * such a request. Hooks, access rules, validation and errors are those of every other route.
 */
export function registerHotRoutes(server: FastifyInstance, parts: HotRouteParts): void {
  const { signUp, logIn, verifyToken, refreshSession, readAccount, requestReset, transport, mail } = parts

  server.post(`${ROUTE_PREFIX}/signup`, { config: { access: 'public', limit: 'signup_client', captcha: true } }, async (request, reply) => {
    const http = { request, reply }
    const project = projectOf(request)
    const grant = await signUp.execute(project, readBody(SignUpBody, request.body), request.clientInfo())
    reply.code(201)
    return grant ? transport.answer(http, project, grant) : mail.confirmationRequired(http)
  })

  for (const path of ['login', 'token']) {
    server.post(`${ROUTE_PREFIX}/${path}`, { config: { access: 'public', captcha: true } }, async (request, reply) => {
      const project = projectOf(request)
      return transport.answer({ request, reply }, project, await logIn.execute(project, readBody(LogInBody, request.body), request.clientInfo()))
    })
  }

  server.post(`${ROUTE_PREFIX}/verify`, { config: { access: 'public' } }, async (request, reply) => {
    const body = readBody(VerifyBody, request.body)
    const answer = await verifyToken.execute(projectOf(request), body.token ?? bearerToken(request), body.maxAge)
    reply.type(JSON_TYPE)
    return answer
  })

  server.post(`${ROUTE_PREFIX}/refresh`, { config: { access: 'public' } }, async (request, reply) => {
    const http = { request, reply }
    const project = projectOf(request)
    const token = transport.refreshToken(http, project, readBody(RefreshBody, request.body).refreshToken)
    return transport.answer(http, project, await refreshSession.execute(project, token, request.clientInfo()))
  })

  for (const path of ['user', 'me']) {
    server.get(`${ROUTE_PREFIX}/${path}`, { config: { access: 'claims' } }, async (request) => {
      const token = bearerToken(request)
      if (token === null) throw new AuthError('unauthenticated')
      return readAccount.execute(projectOf(request), token)
    })
  }

  for (const path of ['password-reset', 'reset']) {
    server.post(`${ROUTE_PREFIX}/${path}`, { config: { access: 'public', limit: 'reset_client', captcha: true } }, async (request) => {
      await requestReset.execute(projectOf(request), readBody(MailRequestBody, request.body))
      return mail.accepted()
    })
  }
}

function projectOf({ project }: FastifyRequest): ProjectRecord {
  if (!project) throw new Error('a project route without a project')
  return project
}
