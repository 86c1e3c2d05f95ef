import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { EndAllSessions, EndSession } from '@portico/end-user/sessions/end-sessions'
import { ListSessions } from '@portico/end-user/sessions/list-sessions'
import { LogOut } from '@portico/end-user/sessions/log-out'
import { Access, Client, CurrentProject, CurrentSession } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated, validatedQuery } from '@portico/http/validated'
import { bearerToken } from './bearer-token.js'
import { Exchange, type HttpExchange } from './http-exchange.js'
import { SessionTransport } from './session-transport.js'
import { LogOutBody, LogOutQuery } from './session.body.js'

@Controller('auth')
export class SessionController {
  constructor(
    @Inject(LogOut) private readonly logOut: LogOut,
    @Inject(ListSessions) private readonly listSessions: ListSessions,
    @Inject(EndSession) private readonly endSession: EndSession,
    @Inject(EndAllSessions) private readonly endAllSessions: EndAllSessions,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
  ) {}

  @Post('logout') @HttpCode(200) @Access('public')
  async logout(
    @CurrentProject() project: ProjectRecord,
    @Body(validated(LogOutBody)) body: LogOutBody,
    @Query(validatedQuery(LogOutQuery)) query: LogOutQuery,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    const accessToken = bearerToken(http.request) ?? body.token ?? null
    const refreshToken = this.transport.refreshToken(http, project, body.refreshToken, { besideAccessToken: accessToken !== null })
    await this.logOut.execute(project, { accessToken, refreshToken, scope: body.scope ?? query.scope ?? 'local' }, client)
    this.transport.clear(http, project)
    return { ok: true }
  }

  @Get('sessions') @Access('session')
  list(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession) {
    return this.listSessions.execute(project, session)
  }

  @Delete('sessions') @Access('session')
  async endAll(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession, @Client() client: ClientInfo, @Exchange() http: HttpExchange) {
    const ended = await this.endAllSessions.execute(project, session, client)
    this.transport.clear(http, project)
    return { ok: true, sessions_ended: ended }
  }

  @Delete('sessions/:id') @Access('session')
  async end(@CurrentProject() project: ProjectRecord, @CurrentSession() session: AuthenticatedSession, @Param('id') id: string, @Client() client: ClientInfo) {
    await this.endSession.execute(project, session, id, client)
    return { ok: true }
  }
}
