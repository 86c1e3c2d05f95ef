import { digestToken } from '@portico/crypto/token-digest'
import { sendAway } from '@portico/http/send-away'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../project/project-routes.js'
import type { HostedPages } from './hosted/hosted-pages.js'
import type { Visit } from './hosted/visit.js'
import type { LinkGuard } from './link-guard.js'
import { InvitationProviderForm, MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { readMailPurpose, type MailPagePurpose } from './mail-purpose.js'
import { orFailedPage } from './or-failed-page.js'
import type { SpendMailedLink } from './spend-mailed-link.js'

/** Our own pages for mailed links. Opening one spends nothing: mail scanners open links too. */
export function mailPageRoutes(
  server: FastifyInstance, pages: HostedPages, { spend, guard }: { spend: SpendMailedLink; guard: LinkGuard },
): void {
  const route = projectRoutes(server)
  const { use, finish, flowCookie } = pages
  const link = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const
  const form = { ...link, acceptsForm: true } as const

  route.get('/mail/:purpose', { ...link, query: MailedLinkQuery }, async (call) => {
    const { params, query, client, request, project } = call
    const [visit, purpose, token] = [pages.visit(call), known(params.purpose), query.token ?? '']
    await guard.opened(request, project, { token, purpose }, client)
    return ask(visit, purpose, token)
  })

  route.post('/mail/:purpose', { ...form, query: MailedLinkQuery, limit: 'token_client', body: MailedLinkForm }, async (call) => {
    const { project, params, body, client, request } = call
    const [visit, purpose] = [pages.visit(call), known(params.purpose)]
    const { token, password = '', factorCode = '' } = body
    const pressed = !(await guard.wasAutoSubmitted(request, project, { token, purpose }, client))
    if (!pressed) return ask(visit, purpose, token)
    if (purpose !== 'account_recovery') {
      return visit.send(await spend.execute(visit, purpose, { token, password, factorCode }), { again: null })
    }
    try {
      return await finish.execute(visit, await use.confirmRecovery.execute(project, token, client), await pages.passkeysAt(visit))
    } catch (thrown) {
      return visit.send(await spend.refused(visit, purpose, token, thrown), { again: null })
    }
  })

  /** The provider shows that the account is the visitor's, instead of its password. */
  route.post('/mail/:purpose/:provider', {
    ...form, query: MailedLinkQuery, limit: 'oauth_client', body: InvitationProviderForm,
  }, async (call) => {
    const { project, params, client, request, reply } = call
    const visit = pages.visit(call)
    const followed = { token: call.body.token, purpose: known(params.purpose) }
    if (followed.purpose !== 'email_confirm' && followed.purpose !== 'email_change') throw new AuthError('not_found')
    if (await guard.wasAutoSubmitted(request, project, followed, client)) return ask(visit, followed.purpose, followed.token)
    return orFailedPage(use, visit, followed, async () => {
      const started = await use.startOAuth.forMailedLink(project, params.provider, digestToken(followed.token), client)
      flowCookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      return sendAway(reply, started.url.href)
    })
  })

  const ask = async (visit: Visit, purpose: MailPagePurpose, token: string) =>
    visit.send(await spend.ask(visit, purpose, token), { again: token === '' ? null : [['token', token]] })
}

function known(text: string): MailPagePurpose {
  const purpose = readMailPurpose(text)
  if (!purpose) throw new AuthError('not_found')
  return purpose
}
