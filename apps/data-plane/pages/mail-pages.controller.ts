import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AcceptsForm, Access, Client, CurrentProject, Limit } from '@portico/http/access'
import { sendPage } from '@portico/http/html-page'
import type { ClientInfo } from '@portico/http/request-context'
import { validated, validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyReply } from 'fastify'
import { LinkGuard } from './link-guard.js'
import { MailedLinkForm, MailedLinkQuery } from './mail-pages.body.js'
import { readMailPurpose, type MailPagePurpose } from './mail-purpose.js'
import { SpendMailedLink } from './spend-mailed-link.js'

/** Our own page for mailed links, when a project has no site of its own. Opening it spends nothing: mail scanners open links too. */
@Controller('auth/mail')
export class MailPagesController {
  constructor(
    @Inject(SpendMailedLink) private readonly spend: SpendMailedLink,
    @Inject(LinkGuard) private readonly guard: LinkGuard,
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
}

function known(purpose: string): MailPagePurpose {
  const found = readMailPurpose(purpose)
  if (found === null) throw new AuthError('not_found')
  return found
}
