import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import { toAuthError } from '@portico/http/error-answer'
import { sendAway } from '@portico/http/send-away'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../project/project-routes.js'
import type { HostedPages } from './hosted/hosted-pages.js'
import type { Visit } from './hosted/visit.js'
import type { LinkGuard } from './link-guard.js'
import { InvitationProviderForm, MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { orFailedPage } from './or-failed-page.js'
import { invitationAcceptedPage, invitationPage, magicLinkForAppPage, magicLinkPage, type InvitationChoice } from './sign-in-pages.js'
import { weakPasswordText } from './words/refusals.js'

/** Our own pages behind mailed sign-in links and invitations. Opening one spends nothing. */
export function signInPageRoutes(server: FastifyInstance, pages: HostedPages, parts: { guard: LinkGuard; entropy: Entropy }): void {
  const { guard, entropy } = parts
  const { use, flowCookie } = pages
  const route = projectRoutes(server)
  const link = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const
  const form = { ...link, acceptsForm: true } as const

  route.get('/mail/magic_link', { ...link, query: MailedLinkQuery }, async (call) => {
    const { project, query, client, request, reply } = call
    const token = query.token ?? ''
    await guard.opened(request, project, { token, purpose: 'magic_link' }, client)
    // Before the button: the two presses of a double click carry the same.
    if (token !== '') browserSecret(reply, token)
    const visit = pages.visit(call)
    if (token !== '') visit.speak((await use.readMailedLink.execute(project, 'magic_link', token)).savedLocale)
    return button(visit, token)
  })

  route.post('/mail/magic_link', { ...form, query: MailedLinkQuery, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, body, client, request, reply } = call
    const [visit, { token }] = [pages.visit(call), body]
    if (await guard.wasAutoSubmitted(request, project, { token, purpose: 'magic_link' }, client)) return button(visit, token)
    return orFailedPage(use, visit, { purpose: 'magic_link', token }, async () => {
      const url = await use.confirmMagicLink.redirect(project, { token, browserSecret: browserSecret(reply, token) }, client)
      return url === null ? visit.send(magicLinkForAppPage(visit), { again: null }) : sendAway(reply, url)
    })
  })

  route.get('/mail/invitation', { ...link, query: MailedLinkQuery }, async (call) => {
    const { project, query, client, request } = call
    const token = query.token ?? ''
    await guard.opened(request, project, { token, purpose: 'invitation' }, client)
    const visit = pages.visit(call)
    if (token !== '') visit.speak((await use.readMailedLink.execute(project, 'invitation', token)).savedLocale)
    return invite(visit, choices(project, token))
  })

  route.post('/mail/invitation', { ...form, query: MailedLinkQuery, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, body, client, request } = call
    const [visit, { token, password = '' }] = [pages.visit(call), body]
    const pressed = !(await guard.wasAutoSubmitted(request, project, { token, purpose: 'invitation' }, client))
    if (!pressed) return invite(visit, choices(project, token))
    return orFailedPage(use, visit, { purpose: 'invitation', token }, async () => {
      try {
        await use.acceptInvitation.setPassword(project, { token, password }, client)
        return visit.send(invitationAcceptedPage(visit), { again: null })
      } catch (thrown) {
        const error = toAuthError(thrown)
        if (error.code !== 'weak_password') throw thrown
        const problem = { status: 422, message: weakPasswordText(visit.words, error.details?.[0]?.code) }
        return invite(visit, { ...choices(project, token), problem })
      }
    })
  })

  route.post('/mail/invitation/:provider', {
    ...form, query: MailedLinkQuery, limit: 'oauth_client', body: InvitationProviderForm,
  }, async (call) => {
    const { project, params, body, client, request, reply } = call
    const [visit, { token }] = [pages.visit(call), body]
    // A form on somebody's site would make its visitor accept that somebody's invitation, with the visitor's own account of the provider.
    const pressed = !(await guard.wasAutoSubmitted(request, project, { token, purpose: 'invitation' }, client))
    if (!pressed) return invite(visit, choices(project, token))
    return orFailedPage(use, visit, { purpose: 'invitation', token }, async () => {
      const started = await use.startOAuth.forMailedLink(project, params.provider, digestToken(token), client)
      flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      return sendAway(reply, started.url.href)
    })
  })

  const button = (visit: Visit, token: string) =>
    visit.send(magicLinkPage(visit, token, redirectTargets(visit.project)), { again: token === '' ? null : [['token', token]] })

  const invite = (visit: Visit, choice: InvitationChoice) =>
    visit.send(invitationPage(visit, choice), { again: choice.token === '' ? null : [['token', choice.token]] })

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
