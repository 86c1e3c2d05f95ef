import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { sessionListAnswer } from '../answers/session-list.js'
import { verifiedTokenText } from '../answers/verified-token.js'
import type { Door } from '../door.js'
import { LogOutBody, LogOutQuery, RefreshBody, VerifyBody } from './session.body.js'
import type { FastifyInstance } from 'fastify'

const JSON_TYPE = 'application/json; charset=utf-8'

export function sessionRoutes(server: FastifyInstance, use: UseCases, { transport }: Door): void {
  const route = projectRoutes(server)

  route.post('/verify', { access: 'public', body: VerifyBody }, async (call) => {
    const verified = await use.verifyToken.execute(call.project, call.body.token ?? call.bearerToken, call.body.maxAge)
    call.reply.type(JSON_TYPE)
    return verifiedTokenText(verified)
  })

  route.post('/refresh', { access: 'public', body: RefreshBody }, async (call) => {
    const token = transport.refreshToken(call, call.project, call.body.refreshToken)
    return transport.answer(call, call.project, await use.refreshSession.execute(call.project, token, call.client))
  })

  route.post('/logout', { access: 'public', body: LogOutBody, query: LogOutQuery }, async (call) => {
    const accessToken = call.bearerToken ?? call.body.token ?? null
    const refreshToken = transport.refreshToken(call, call.project, call.body.refreshToken, { besideAccessToken: accessToken !== null })
    const scope = call.body.scope ?? call.query.scope ?? 'local'
    await use.logOut.execute(call.project, { accessToken, refreshToken, scope }, call.client)
    transport.clear(call, call.project)
    return { ok: true }
  })

  route.get('/sessions', { access: 'session' }, async ({ project, session }) => {
    return sessionListAnswer(await use.listSessions.execute(project, session), session.id)
  })

  route.delete('/sessions', { access: 'session' }, async (call) => {
    const ended = await use.endAllSessions.execute(call.project, call.session, call.client)
    transport.clear(call, call.project)
    return { ok: true, sessions_ended: ended }
  })

  route.delete('/sessions/:id', { access: 'session' }, async ({ project, session, params, client }) => {
    await use.endSession.execute(project, session, params.id, client)
    return { ok: true }
  })
}
