import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AcceptInvitation } from '@portico/end-user/invitations/accept-invitation'
import type { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import type { ConfirmMagicLink } from '@portico/end-user/ways-in/passwordless/confirm-magic-link'
import { toAuthError } from '@portico/http/error-answer'
import { sendPage } from '@portico/http/html-page'
import { sendAway } from '@portico/http/send-away'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../project/project-routes.js'
import type { FlowCookie } from './flow-cookie.js'
import type { LinkGuard } from './link-guard.js'
import { InvitationProviderForm, MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { orFailedPage } from './or-failed-page.js'
import { invitationAcceptedPage, invitationPage, magicLinkForAppPage, magicLinkPage } from './sign-in-pages.js'

export interface SignInPageParts {
  confirmMagicLink: ConfirmMagicLink
  acceptInvitation: AcceptInvitation
  startOAuth: StartOAuth
  flowCookie: FlowCookie
  guard: LinkGuard
  entropy: Entropy
}

/** Our own pages behind mailed sign-in links and invitations. Opening one spends nothing. */
export function signInPageRoutes(server: FastifyInstance, parts: SignInPageParts): void {
  const { confirmMagicLink, acceptInvitation, startOAuth, flowCookie, guard, entropy } = parts
  const route = projectRoutes(server)

  route.get('/mail/magic_link', { access: 'public', query: MailedLinkQuery, ignoreUnknownQuery: true }, async (call) => {
    const { project, query, client, request, reply } = call
    const token = query.token ?? ''
    await guard.opened(request, project, { token, purpose: 'magic_link' }, client)
    // Before the button: the two presses of a double click carry the same.
    if (token !== '') browserSecret(reply, token)
    return sendPage(reply, magicLinkPage(project.name, token, redirectTargets(project)))
  })

  route.post('/mail/magic_link', { access: 'public', acceptsForm: true, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, body, client, request, reply } = call
    const { token } = body
    if (await guard.wasAutoSubmitted(request, project, { token, purpose: 'magic_link' }, client)) {
      return sendPage(reply, magicLinkPage(project.name, token, redirectTargets(project)))
    }
    return orFailedPage(reply, project, async () => {
      const url = await confirmMagicLink.redirect(project, { token, browserSecret: browserSecret(reply, token) }, client)
      return url === null ? sendPage(reply, magicLinkForAppPage(project.name, project.settings.site_url)) : sendAway(reply, url)
    })
  })

  route.get('/mail/invitation', { access: 'public', query: MailedLinkQuery, ignoreUnknownQuery: true }, async (call) => {
    const { project, query, client, request, reply } = call
    const token = query.token ?? ''
    await guard.opened(request, project, { token, purpose: 'invitation' }, client)
    return sendPage(reply, invitationPage(project.name, choices(project, token)))
  })

  route.post('/mail/invitation', { access: 'public', acceptsForm: true, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, body, client, request, reply } = call
    const { token, password = '' } = body
    if (await guard.wasAutoSubmitted(request, project, { token, purpose: 'invitation' }, client)) {
      return sendPage(reply, invitationPage(project.name, choices(project, token)))
    }
    return orFailedPage(reply, project, async () => {
      try {
        await acceptInvitation.setPassword(project, { token, password }, client)
        return sendPage(reply, invitationAcceptedPage(project.name, project.settings.site_url))
      } catch (thrown) {
        const error = toAuthError(thrown)
        if (error.code !== 'weak_password') throw thrown
        const problem = { status: 422, message: error.details?.[0]?.message ?? error.message }
        return sendPage(reply, invitationPage(project.name, { ...choices(project, token), problem }))
      }
    })
  })

  route.post('/mail/invitation/:provider', {
    access: 'public', acceptsForm: true, limit: 'oauth_client', body: InvitationProviderForm,
  }, async (call) => {
    const { project, params, body, client, request, reply } = call
    const { token } = body
    // A form on somebody's site would make its visitor accept that somebody's invitation, with the visitor's own account of the provider.
    if (await guard.wasAutoSubmitted(request, project, { token, purpose: 'invitation' }, client)) {
      return sendPage(reply, invitationPage(project.name, choices(project, token)))
    }
    return orFailedPage(reply, project, async () => {
      const started = await startOAuth.forMailedLink(project, params.provider, digestToken(token), client)
      flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      return sendAway(reply, started.url.href)
    })
  })

  /** What this browser is known by for this link: a cookie of our page that no script reads and no other site sends. */
  function browserSecret(reply: FastifyReply, token: string): string {
    const flow = `magic_link ${token}`
    const known = flowCookie.read(reply.request, flow)
    if (known !== null) return known
    const secret = opaqueToken(entropy)
    flowCookie.set(reply, flow, secret, false)
    return secret
  }
}

function choices(project: ProjectRecord, token: string) {
  const { providers, password_min_length: minPasswordLength } = project.settings
  return { token, password: providers.includes('email'), minPasswordLength, providers: providers.filter(isOutsideProvider) }
}

/** Where the form of a page may lead in the end: browsers hold redirects after a form against the page's policy too. */
function redirectTargets(project: ProjectRecord): string[] {
  const { site_url: site, redirect_urls: urls } = project.settings
  return site === null ? urls : [site, ...urls]
}
