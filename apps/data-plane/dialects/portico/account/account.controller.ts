import { Body, Controller, Delete, Inject, Patch } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { DeleteUser } from '@portico/end-user/account/delete-user'
import { UpdateUser } from '@portico/end-user/account/update-user'
import { endUserAnswer, type EndUser } from '@portico/end-user/records/end-user'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { Access, Client, CurrentProject, CurrentSession } from '@portico/http/access'
import type { ClientInfo } from '@portico/http/request-context'
import { validated } from '@portico/http/validated'
import { Exchange, type HttpExchange } from '../session/http-exchange.js'
import { SessionTransport } from '../session/session-transport.js'
import { DeleteUserBody, UpdateUserBody } from './account.body.js'

@Controller('auth')
export class AccountController {
  constructor(
    @Inject(UpdateUser) private readonly updateUser: UpdateUser,
    @Inject(DeleteUser) private readonly deleteUser: DeleteUser,
    @Inject(SessionTransport) private readonly transport: SessionTransport,
  ) {}

  @Patch(['user', 'me']) @Access('session')
  async update(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(UpdateUserBody)) body: UpdateUserBody,
    @Client() client: ClientInfo,
  ) {
    return userAnswer(await this.updateUser.execute(project, session, body.metadata, client), session.token)
  }

  @Delete(['user', 'me']) @Access('session')
  async remove(
    @CurrentProject() project: ProjectRecord,
    @CurrentSession() session: AuthenticatedSession,
    @Body(validated(DeleteUserBody)) body: DeleteUserBody,
    @Client() client: ClientInfo,
    @Exchange() http: HttpExchange,
  ) {
    await this.deleteUser.execute(project, session, body.password, client)
    this.transport.clear(http, project)
    return { ok: true }
  }
}

function userAnswer(user: EndUser, token: string) {
  return { user: endUserAnswer(user), user_id: user.id, token }
}
