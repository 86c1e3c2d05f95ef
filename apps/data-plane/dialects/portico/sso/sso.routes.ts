import type { FinishedSso } from '@portico/end-user/sso/finish-sso'
import type { SsoAnswer } from '@portico/end-user/sso/identify-person'
import { ssoUrls } from '@portico/end-user/project/sso-urls'
import type { StartedSso } from '@portico/end-user/sso/start-sso'
import type { BroughtLogout } from '@portico/end-user/sso/end-by-identity-provider'
import { sendPage } from '@portico/http/html-page'
import { sendAway } from '@portico/http/send-away'
import { appendToUrl } from '@portico/kernel/append-to-url'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import { lostFlowPage, unavailablePage } from '../../../pages/oauth-pages.js'
import { projectRoutes, type ProjectCall } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { oauthRedirect } from '../answers/oauth-redirect.js'
import type { Door } from '../door.js'
import { samlPostPage } from '../../../pages/saml-post-page.js'
import type { Visit } from '../../../pages/hosted/visit.js'
import { refusedLogoutPage, testedPage } from '../../../pages/sso-pages.js'
import { DiscoverSsoBody, StartSsoQuery, TrySsoQuery } from './sso.body.js'

// A message of 256 KiB is a third longer in base64, and longer again where a form spells `+` and `/` out.
const MAX_FORM_BYTES = 512 * 1024

type BackCall = ProjectCall<null, { connection: string }, object, object>
type AnyCall = Pick<BackCall, 'project' | 'client' | 'request' | 'reply'>

/** In by the identity provider of a company: OpenID Connect and SAML 2.0. */
export function ssoRoutes(server: FastifyInstance, use: UseCases, { flowCookie, canonicalHost, pages }: Door): void {
  const route = projectRoutes(server)

  route.post('/sso/discover', { access: 'public', limit: 'sso_client', body: DiscoverSsoBody }, async ({ project, body }) => {
    const { connection, required } = await use.discoverSso.execute(project, body.email)
    return { connection: connection && { id: connection.id, name: connection.name, protocol: connection.settings.protocol }, required }
  })

  route.get('/sso/start', { access: 'public', limit: 'sso_client', query: StartSsoQuery }, async (call) => {
    const { project, query, request, reply } = call
    const elsewhere = canonicalHost.elsewhere(request, project)
    if (elsewhere !== null) return sendAway(reply, elsewhere)
    return leave(call, await use.startSso.execute(project, query))
  })

  route.get('/sso/test', { access: 'public', limit: 'sso_client', query: TrySsoQuery }, async (call) => {
    const { project, query, request, reply } = call
    const { ticket, from, locale = '' } = query
    const elsewhere = canonicalHost.elsewhere(request, project)
    if (elsewhere !== null) return sendAway(reply, elsewhere)
    const setup = `${pages.urls.issuer(project)}/setup${locale === '' ? '' : `?${new URLSearchParams({ locale })}`}`
    try {
      return leave(call, await use.startSso.tryOut(project, { ticket, backTo: from === 'setup' ? setup : null }))
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_or_expired_token') throw error
      request.errorCode = error.code
      const visit = visitOf(call)
      return visit.send(lostFlowPage(visit), { again: null })
    }
  })

  route.get('/sso/:connection/metadata', { access: 'public', limit: 'sso_client' }, async ({ project, params, reply }) => {
    const metadata = await use.readServiceMetadata.execute(project, params.connection)
    return reply.header('content-type', 'application/samlmetadata+xml; charset=utf-8').send(metadata)
  })

  route.get('/sso/:connection/callback', { access: 'public', limit: 'sso_client' }, (call) => {
    const parameters = new URLSearchParams(texts(call.request.query))
    return conclude(call, { parameters }, parameters.get('state') ?? '')
  })

  route.post('/sso/:connection/acs', { access: 'public', limit: 'sso_client', acceptsForm: true, bodyLimit: MAX_FORM_BYTES }, (call) => {
    const { SAMLResponse: samlResponse = '', RelayState: relayState = '', again } = texts(call.request.body)
    const { project, params, request, reply } = call
    const issuer = pages.urls.issuer(project)
    // On plain http, in development, the cookie cannot be `SameSite=None` and does not travel with a post from another site: it does with
    // the same post from a page of ours.
    if (issuer.startsWith('http:') && again === undefined && flowCookie.read(request, relayState) === null) {
      const fields = { SAMLResponse: samlResponse, RelayState: relayState, again: '1' }
      return sendPage(reply, samlPostPage(visitOf(call), ssoUrls(issuer, params.connection).acsUrl, fields))
    }
    return conclude(call, { samlResponse, relayState }, relayState)
  })

  route.get('/sso/:connection/slo', { access: 'public', limit: 'sso_client' }, (call) => {
    const { RelayState: relayState = '' } = texts(call.request.query)
    // As it was sent: the signature is about these letters.
    return signOut(call, { query: call.request.raw.url?.split('?', 2)[1] ?? '' }, relayState)
  })

  route.post('/sso/:connection/slo', { access: 'public', limit: 'sso_client', acceptsForm: true, bodyLimit: MAX_FORM_BYTES }, (call) => {
    const { SAMLRequest: form = '', RelayState: relayState = '' } = texts(call.request.body)
    return signOut(call, { form }, relayState)
  })

  async function signOut(call: BackCall, asked: BroughtLogout['asked'], relayState: string) {
    const { project, params, client, request } = call
    try {
      return send(call, await use.endByIdentityProvider.execute(project, params.connection, { asked, relayState }, client))
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_request') throw error
      request.errorCode = error.code
      const visit = visitOf(call)
      return visit.send(refusedLogoutPage(visit), { again: null })
    }
  }

  const visitOf = ({ project, client, request, reply }: AnyCall): Visit => pages.visit({ request, reply, project, query: {}, client })

  function leave(call: AnyCall, { request, state, browserSecret, crossSitePost }: StartedSso) {
    flowCookie.set(call.reply, state, browserSecret, crossSitePost)
    return send(call, request)
  }

  function send(call: AnyCall, message: StartedSso['request']) {
    if ('url' in message) return sendAway(call.reply, message.url.href)
    return sendPage(call.reply, samlPostPage(visitOf(call), message.action, message.fields))
  }

  async function conclude(call: BackCall, answer: SsoAnswer, state: string) {
    const { project, params, client, request, reply } = call
    const visit = visitOf(call)
    try {
      const finished = await use.finishSso.execute(project, params.connection, answer, flowCookie.read(request, state), client)
      flowCookie.clear(reply, state)
      if ('attemptId' in finished && finished.backTo !== null) return sendAway(reply, finished.backTo)
      if ('attemptId' in finished) return visit.send(testedPage(visit, finished), { again: null })
      const redirect = back(finished)
      if (finished.refusal?.code !== 'temporarily_unavailable') return sendAway(reply, redirect)
      reply.header('retry-after', '5')
      return visit.send(unavailablePage(visit, redirect), { again: null })
    } catch (error) {
      if (!(error instanceof AuthError) || error.code !== 'invalid_or_expired_token') throw error
      const asked = await use.finishSso.unasked(project, params.connection, answer)
      if (asked !== null) return sendAway(reply, appendToUrl(asked, { sso_connection_id: params.connection }))
      request.errorCode = error.code
      return visit.send(lostFlowPage(visit), { again: null })
    }
  }
}

/** An app waits for everybody who began here. */
function back(finished: FinishedSso): string {
  const redirect = oauthRedirect(finished)
  if (redirect === null) throw new Error('a sign-in began for nobody')
  return redirect
}

/** Every field once, as text; a doubled one could be read differently by two readers. */
function texts(fields: unknown): Record<string, string> {
  const read: Record<string, string> = {}
  for (const [name, value] of Object.entries((fields ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new AuthError('invalid_request')
    read[name] = value
  }
  return read
}
