import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AcceptInvitation } from '@portico/end-user/invitations/accept-invitation'
import { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { ConfirmMagicLink } from '@portico/end-user/ways-in/passwordless/confirm-magic-link'
import { AcceptsForm, Access, Client, CurrentProject, Limit } from '@portico/http/access'
import { toAuthError } from '@portico/http/error-answer'
import { sendPage } from '@portico/http/html-page'
import type { ClientInfo } from '@portico/http/request-context'
import { sendAway } from '@portico/http/send-away'
import { validated, validatedQuery } from '@portico/http/validated'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import type { FastifyReply } from 'fastify'
import { ENTROPY } from '../injection-tokens.js'
import { LinkGuard } from './link-guard.js'
import { MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { FlowCookie } from '../dialects/portico/oauth/flow-cookie.js'
import { InvitationProviderForm } from '../dialects/portico/passwordless/passwordless.body.js'
import { orFailedPage } from './or-failed-page.js'
import { invitationAcceptedPage, invitationPage, magicLinkForAppPage, magicLinkPage } from './sign-in-pages.js'

/** Our own pages behind mailed sign-in links and invitations. Opening one spends nothing. */
@Controller('auth/mail')
export class SignInPagesController {
  constructor(
    @Inject(ConfirmMagicLink) private readonly confirmLink: ConfirmMagicLink,
    @Inject(AcceptInvitation) private readonly accept: AcceptInvitation,
    @Inject(StartOAuth) private readonly startOAuth: StartOAuth,
    @Inject(FlowCookie) private readonly cookie: FlowCookie,
    @Inject(LinkGuard) private readonly guard: LinkGuard,
    @Inject(ENTROPY) private readonly entropy: Entropy,
  ) {}

  @Get('magic_link') @Access('public')
  async openLink(
    @CurrentProject() project: ProjectRecord,
    @Query(validatedQuery(MailedLinkQuery, { ignoreUnknown: true })) query: MailedLinkQuery,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    const token = query.token ?? ''
    await this.guard.opened(reply.request, project, { token, purpose: 'magic_link' }, client)
    // Before the button: the two presses of a double click carry the same.
    if (token !== '') this.#browserSecret(reply, token)
    sendPage(reply, magicLinkPage(project.name, token, redirectTargets(project)))
  }

  @Post('magic_link') @Access('public') @AcceptsForm() @Limit('token_client')
  async pressLink(@CurrentProject() project: ProjectRecord, @Body(validated(MailedLinkForm)) form: MailedLinkForm, @Client() client: ClientInfo, @Res() reply: FastifyReply) {
    if (await this.guard.wasAutoSubmitted(reply.request, project, { token: form.token, purpose: 'magic_link' }, client)) {
      return void sendPage(reply, magicLinkPage(project.name, form.token, redirectTargets(project)))
    }
    await orFailedPage(reply, project, async () => {
      const url = await this.confirmLink.redirect(project, { token: form.token, browserSecret: this.#browserSecret(reply, form.token) }, client)
      if (url === null) sendPage(reply, magicLinkForAppPage(project.name, project.settings.site_url))
      else sendAway(reply, url)
    })
  }

  /** What this browser is known by for this link: a cookie of our page that no script reads and no other site sends. */
  #browserSecret(reply: FastifyReply, token: string): string {
    const flow = `magic_link ${token}`
    const known = this.cookie.read(reply.request, flow)
    if (known !== null) return known
    const secret = opaqueToken(this.entropy)
    this.cookie.set(reply, flow, secret, false)
    return secret
  }

  @Get('invitation') @Access('public')
  async openInvitation(
    @CurrentProject() project: ProjectRecord,
    @Query(validatedQuery(MailedLinkQuery, { ignoreUnknown: true })) query: MailedLinkQuery,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    await this.guard.opened(reply.request, project, { token: query.token ?? '', purpose: 'invitation' }, client)
    sendPage(reply, invitationPage(project.name, choices(project, query.token ?? '')))
  }

  @Post('invitation') @Access('public') @AcceptsForm() @Limit('token_client')
  async pressInvitation(@CurrentProject() project: ProjectRecord, @Body(validated(MailedLinkForm)) form: MailedLinkForm, @Client() client: ClientInfo, @Res() reply: FastifyReply) {
    if (await this.guard.wasAutoSubmitted(reply.request, project, { token: form.token, purpose: 'invitation' }, client)) {
      return void sendPage(reply, invitationPage(project.name, choices(project, form.token)))
    }
    await orFailedPage(reply, project, async () => {
      try {
        await this.accept.setPassword(project, { token: form.token, password: form.password ?? '' }, client)
        sendPage(reply, invitationAcceptedPage(project.name, project.settings.site_url))
      } catch (thrown) {
        const error = toAuthError(thrown)
        if (error.code !== 'weak_password') throw thrown
        const problem = { status: 422, message: error.details?.[0]?.message ?? error.message }
        sendPage(reply, invitationPage(project.name, { ...choices(project, form.token), problem }))
      }
    })
  }

  @Post('invitation/:provider') @Access('public') @AcceptsForm() @Limit('oauth_client')
  async continueWith(
    @CurrentProject() project: ProjectRecord,
    @Param('provider') provider: string,
    @Body(validated(InvitationProviderForm)) form: InvitationProviderForm,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    // A form on somebody's site would make its visitor accept that somebody's invitation, with the visitor's own account of the provider.
    if (await this.guard.wasAutoSubmitted(reply.request, project, { token: form.token, purpose: 'invitation' }, client)) {
      return void sendPage(reply, invitationPage(project.name, choices(project, form.token)))
    }
    await orFailedPage(reply, project, async () => {
      const started = await this.startOAuth.forMailedLink(project, provider, digestToken(form.token), client)
      this.cookie.set(reply, started.state, started.browserSecret, started.crossSitePost)
      sendAway(reply, started.url.href)
    })
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
