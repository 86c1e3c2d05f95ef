import { sendAway } from '@portico/http/send-away'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import { followedPage, lostFlowPage, refusedPage, unavailablePage } from '../../../pages/oauth-pages.js'
import { projectRoutes, type ProjectCall } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { oauthRedirect } from '../answers/oauth-redirect.js'
import type { Door } from '../door.js'
import { RedeemBody, StartOAuthQuery } from './oauth.body.js'
import { forOrganization } from '../organizations/for-organization.js'

type CallbackCall = ProjectCall<null, { provider: string }, object, object>

export function oauthRoutes(server: FastifyInstance, use: UseCases, { transport, flowCookie, canonicalHost, pages }: Door): void {
  const route = projectRoutes(server)

  route.get('/oauth/:provider/start', { access: 'public', limit: 'oauth_client', query: StartOAuthQuery }, async (call) => {
    const { project, params, query, client, request, reply } = call
    const elsewhere = canonicalHost.elsewhere(request, project)
    if (elsewhere !== null) return sendAway(reply, elsewhere)
    const started = await use.startOAuth.execute(project, params.provider, query, client)
    if ('refusal' in started) return sendAway(reply, oauthRedirect(started)!)
    flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
    return sendAway(reply, started.url.href)
  })

  route.get('/oauth/:provider/callback', { access: 'public', limit: 'oauth_client' }, (call) => conclude(call, call.request.query))

  /** Apple posts its answer. */
  route.post('/oauth/:provider/callback', { access: 'public', acceptsForm: true, limit: 'oauth_client' }, (call) => {
    return conclude(call, call.request.body)
  })

  route.post('/token/exchange', { access: 'public', limit: 'token_client', body: RedeemBody }, async (call) => {
    const issued = await use.redeemExchangeCode.execute(call.project, call.body, call.client)
    return transport.answer(call, call.project, await forOrganization(use, call, issued))
  })

  async function conclude({ project, params, client, request, reply }: CallbackCall, fields: unknown) {
    const parameters = readAnswer(fields)
    const state = parameters.get('state') ?? ''
    const visit = pages.visit({ request, reply, project, query: {}, client })
    const browserSecret = flowCookie.read(request, state)
    try {
      const finished = await use.finishOAuth.execute(project, params.provider, { parameters, browserSecret }, client)
      const redirect = oauthRedirect(finished)
      flowCookie.clear(reply, state)
      if (finished.refusal?.code === 'temporarily_unavailable') {
        reply.header('retry-after', '5')
        return visit.send(unavailablePage(visit, redirect), { again: null })
      }
      if (redirect !== null) return sendAway(reply, redirect)
      if (finished.refusal !== null) {
        const link = await use.readMailedLink.ofDigest(project, finished.mailedDigest ?? Buffer.alloc(0))
        return visit.send(refusedPage(visit, finished.refusal, link), { again: null })
      }
      return visit.send(followedPage(visit), { again: null })
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_or_expired_token') throw error
      request.errorCode = error.code
      return visit.send(lostFlowPage(visit), { again: null })
    }
  }
}

/** Every field once, as text; a doubled one could be read differently by two readers. */
function readAnswer(fields: unknown): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries((fields ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new AuthError('invalid_request')
    parameters.set(name, value)
  }
  return parameters
}
