import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { identityAnswer } from '../answers/identity.js'
import { ExchangeBody, StartLinkBody, UnlinkBody } from './oauth.body.js'
import type { FastifyInstance } from 'fastify'

/** The providers of the signed-in user. */
export function identityRoutes(server: FastifyInstance, use: UseCases): void {
  const route = projectRoutes(server)

  route.get('/identities', { access: 'session' }, async ({ project, session }) => {
    return { data: (await use.listIdentities.execute(project, session)).map(identityAnswer) }
  })

  route.post('/identities/:provider/start', { access: 'session', limit: 'oauth_client', body: StartLinkBody }, async (call) => {
    const { project, session, params, body, client } = call
    return { url: await use.startLink.execute(project, session, params.provider, body, client) }
  })

  route.post('/identities/complete', { access: 'session', limit: 'token_client', body: ExchangeBody }, async (call) => {
    const { project, session, body, client } = call
    return { ok: true, identity: identityAnswer(await use.completeLink.execute(project, session, body, client)) }
  })

  route.delete('/identities/:provider', { access: 'session', body: UnlinkBody }, async ({ project, session, params, body, client }) => {
    await use.unlinkIdentity.execute(project, session, { provider: params.provider, subject: undefined, password: body.password }, client)
    return { ok: true }
  })

  route.delete('/identities/:provider/:subject', { access: 'session', body: UnlinkBody }, async (call) => {
    const { project, session, params, body, client } = call
    await use.unlinkIdentity.execute(project, session, { ...params, password: body.password }, client)
    return { ok: true }
  })
}
