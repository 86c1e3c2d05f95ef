import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { AcceptsForm, Access, Client, CurrentProject, Limit } from '@portico/http/access'
import { sendPage } from '@portico/http/html-page'
import type { ClientInfo } from '@portico/http/request-context'
import { sendAway } from '@portico/http/send-away'
import { validated, validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyReply } from 'fastify'
import { FlowCookie } from '../dialects/portico/oauth/flow-cookie.js'
import { InvitationProviderForm } from '../dialects/portico/passwordless/passwordless.body.js'
import { LinkGuard } from './link-guard.js'
import { MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { readMailPurpose, type MailPagePurpose } from './mail-purpose.js'
import { orFailedPage } from './or-failed-page.js'
import { SpendMailedLink } from './spend-mailed-link.js'

/** Our own page for mailed links, when a project has no site of its own. Opening it spends nothing: mail scanners open links too. */
@Controller('auth/mail')
export class MailPagesController {
  constructor(
    @Inject(SpendMailedLink) private readonly spend: SpendMailedLink,
    @Inject(LinkGuard) private readonly guard: LinkGuard,
    @Inject(StartOAuth) private readonly startOAuth: StartOAuth,
    @Inject(FlowCookie) private readonly cookie: FlowCookie,
  ) {}

  @Get(':purpose') @Access('public')
  async open(
    @CurrentProject() project: ProjectRecord,
    @Param('purpose') purpose: string,
    @Query(validatedQuery(MailedLinkQuery, { ignoreUnknown: true })) query: MailedLinkQuery,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    const token = query.token ?? ''
    await this.guard.opened(reply.request, project, { token, purpose: known(purpose) }, client)
    sendPage(reply, await this.spend.ask(project, known(purpose), token))
  }

  @Post(':purpose') @Access('public') @AcceptsForm() @Limit('token_client')
  async press(
    @CurrentProject() project: ProjectRecord,
    @Param('purpose') purpose: string,
    @Body(validated(MailedLinkForm)) form: MailedLinkForm,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    const pressed = !(await this.guard.wasAutoSubmitted(reply.request, project, { token: form.token, purpose: known(purpose) }, client))
    if (!pressed) return void sendPage(reply, await this.spend.ask(project, known(purpose), form.token))
    sendPage(reply, await this.spend.execute(project, known(purpose), { token: form.token, password: form.password ?? '', factorCode: form.factorCode ?? '' }, client))
  }

  /** The provider shows that the account is the visitor's, instead of its password. */
  @Post(':purpose/:provider') @Access('public') @AcceptsForm() @Limit('oauth_client')
  async continueWith(
    @CurrentProject() project: ProjectRecord,
    @Param('purpose') purpose: string,
    @Param('provider') provider: string,
    @Body(validated(InvitationProviderForm)) form: InvitationProviderForm,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    const link = { token: form.token, purpose: known(purpose) }
    if (link.purpose !== 'email_confirm' && link.purpose !== 'email_change') throw new AuthError('not_found')
    if (await this.guard.wasAutoSubmitted(reply.request, project, link, client)) return void sendPage(reply, await this.spend.ask(project, link.purpose, link.token))
    await orFailedPage(reply, project, async () => {
      const started = await this.startOAuth.forMailedLink(project, provider, digestToken(link.token), client)
      this.cookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      sendAway(reply, started.url.href)
    })
  }
}

function known(purpose: string): MailPagePurpose {
  const found = readMailPurpose(purpose)
  if (found === null) throw new AuthError('not_found')
  return found
}
