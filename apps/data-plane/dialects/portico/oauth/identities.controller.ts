import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { CompleteLink } from '@portico/end-user/identities/complete-link'
import { ListIdentities } from '@portico/end-user/identities/list-identities'
import { StartLink } from '@portico/end-user/identities/start-link'
import { UnlinkIdentity } from '@portico/end-user/identities/unlink-identity'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { Access, Client, CurrentProject, CurrentSession, Limit } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { ExchangeBody, StartLinkBody, UnlinkBody } from './oauth.body.js'

/** The providers of the signed-in user. */
@Controller('auth/identities')
export class IdentitiesController {
  constructor(
    @Inject(ListIdentities) private readonly listIdentities: ListIdentities,
    @Inject(StartLink) private readonly startLink: StartLink,
    @Inject(CompleteLink) private readonly completeLink: CompleteLink,
    @Inject(UnlinkIdentity) private readonly unlinkIdentity: UnlinkIdentity,
  ) {}

  @Get() @Access('session')
  list(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession) {
    return this.listIdentities.execute(project, session)
  }

  @Post('complete') @HttpCode(200) @Access('session') @Limit('token_client')
  complete(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(ExchangeBody)) body: ExchangeBody,
    @Client() client: ClientInfo,
  ) {
    return this.completeLink.execute(project, session, body, client)
  }

  @Post(':provider/start') @HttpCode(200) @Access('session') @Limit('oauth_client')
  async start(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Param('provider') provider: string,
    @Body(validated(StartLinkBody)) body: StartLinkBody,
    @Client() client: ClientInfo,
  ) {
    return { url: await this.startLink.execute(project, session, provider, body, client) }
  }

  @Delete([':provider', ':provider/:subject']) @Access('session')
  async unlink(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Param('provider') provider: string,
    @Param('subject') subject: string | undefined,
    @Body(validated(UnlinkBody)) body: UnlinkBody,
    @Client() client: ClientInfo,
  ) {
    await this.unlinkIdentity.execute(project, session, { provider, subject, password: body.password }, client)
    return { ok: true }
  }
}
