import { digestToken } from '@portico/crypto/token-digest'
import type { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { sendPage } from '@portico/http/html-page'
import { sendAway } from '@portico/http/send-away'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../project/project-routes.js'
import type { FlowCookie } from './flow-cookie.js'
import type { LinkGuard } from './link-guard.js'
import { InvitationProviderForm, MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { readMailPurpose, type MailPagePurpose } from './mail-purpose.js'
import { orFailedPage } from './or-failed-page.js'
import type { SpendMailedLink } from './spend-mailed-link.js'

export interface MailPageParts {
  spend: SpendMailedLink
  guard: LinkGuard
  startOAuth: StartOAuth
  flowCookie: FlowCookie
}

/** Our own page for mailed links, when a project has no site of its own. Opening it spends nothing: mail scanners open links too. */
export function mailPageRoutes(server: FastifyInstance, { spend, guard, startOAuth, flowCookie }: MailPageParts): void {
  const route = projectRoutes(server)

  route.get('/mail/:purpose', { access: 'public', query: MailedLinkQuery, ignoreUnknownQuery: true }, async (call) => {
    const { project, params, query, client, request, reply } = call
    const [purpose, token] = [known(params.purpose), query.token ?? '']
    await guard.opened(request, project, { token, purpose }, client)
    return sendPage(reply, await spend.ask(project, purpose, token))
  })

  route.post('/mail/:purpose', { access: 'public', acceptsForm: true, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, params, body, client, request, reply } = call
    const purpose = known(params.purpose)
    const { token, password = '', factorCode = '' } = body
    const pressed = !(await guard.wasAutoSubmitted(request, project, { token, purpose }, client))
    if (!pressed) return sendPage(reply, await spend.ask(project, purpose, token))
    return sendPage(reply, await spend.execute(project, purpose, { token, password, factorCode }, client))
  })

  /** The provider shows that the account is the visitor's, instead of its password. */
  route.post('/mail/:purpose/:provider', {
    access: 'public', acceptsForm: true, limit: 'oauth_client', body: InvitationProviderForm,
  }, async (call) => {
    const { project, params, client, request, reply } = call
    const link = { token: call.body.token, purpose: known(params.purpose) }
    if (link.purpose !== 'email_confirm' && link.purpose !== 'email_change') throw new AuthError('not_found')
    if (await guard.wasAutoSubmitted(request, project, link, client)) {
      return sendPage(reply, await spend.ask(project, link.purpose, link.token))
    }
    return orFailedPage(reply, project, async () => {
      const started = await startOAuth.forMailedLink(project, params.provider, digestToken(link.token), client)
      flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      return sendAway(reply, started.url.href)
    })
  })
}

function known(purpose: string): MailPagePurpose {
  const found = readMailPurpose(purpose)
  if (found === null) throw new AuthError('not_found')
  return found
}
