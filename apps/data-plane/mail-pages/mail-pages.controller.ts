import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AcceptsForm, Access, Client, CurrentProject, Limit } from '@portico/http/access'
import { sendPage } from '@portico/http/html-page'
import type { ClientInfo } from '@portico/http/request-context'
import { validated, validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyReply } from 'fastify'
import { askPage } from './mail-page.js'
import { MailedLinkForm, MailedLinkQuery } from './mail-pages.dto.js'
import { readMailPurpose, type MailPagePurpose } from './mail-purpose.js'
import { SpendMailedLink } from './spend-mailed-link.js'

/** Our own page for mailed links, when a project has no site of its own. Opening it spends nothing: mail scanners open links too. */
@Controller('auth/mail')
export class MailPagesController {
  constructor(@Inject(SpendMailedLink) private readonly spend: SpendMailedLink) {}

  @Get(':purpose') @Access('public')
  open(
    @CurrentProject() project: ProjectRecord,
    @Param('purpose') purpose: string,
    @Query(validatedQuery(MailedLinkQuery, { ignoreUnknown: true })) query: MailedLinkQuery,
    @Res() reply: FastifyReply,
  ) {
    sendPage(reply, askPage(known(purpose), project.name, query.token ?? '', project.settings.password_min_length))
  }

  @Post(':purpose') @Access('public') @AcceptsForm() @Limit('token_client')
  async press(
    @CurrentProject() project: ProjectRecord,
    @Param('purpose') purpose: string,
    @Body(validated(MailedLinkForm)) form: MailedLinkForm,
    @Client() client: ClientInfo,
    @Res() reply: FastifyReply,
  ) {
    sendPage(reply, await this.spend.execute(project, known(purpose), { token: form.token, password: form.password ?? '' }, client))
  }
}

function known(purpose: string): MailPagePurpose {
  const found = readMailPurpose(purpose)
  if (found === null) throw new AuthError('not_found')
  return found
}
