import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { organizationAnswer } from '../organizations/organization.answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { endUserListInput } from './end-user-query.js'
import { accountAnswer, endUserAnswer, endUserPageAnswer, endUserPasskeyAnswer, endUserSessionAnswer } from './end-user.answer.js'
import { ChangeEndUserBody, CreateEndUserBody, ListEndUsersQuery } from './end-user.body.js'

@Controller('api/v1/projects/:projectId/users')
export class EndUsersController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'users.read' })
  async list(@CurrentProject() project: ProjectRecord, @Query(validatedQuery(ListEndUsersQuery)) query: ListEndUsersQuery) {
    const input = endUserListInput(query)
    return endUserPageAnswer(input, await this.use.listEndUsers.execute(project, input))
  }

  @Post()
  @Access({ permission: 'users.manage' })
  async create(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(CreateEndUserBody)) body: CreateEndUserBody,
  ) {
    return { data: endUserAnswer(await this.use.createEndUser.execute(project, doneBy(caller), body)) }
  }

  @Get(':userId') @Access({ permission: 'users.read' })
  async read(@CurrentProject() project: ProjectRecord, @Param('userId', pathUuid) userId: string) {
    return { data: accountAnswer(await this.use.readEndUser.execute(project, userId)) }
  }

  @Patch(':userId') @Access({ permission: 'users.manage' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Body(validated(ChangeEndUserBody)) body: ChangeEndUserBody,
  ) {
    return { data: endUserAnswer(await this.use.changeEndUser.execute(project, doneBy(caller), userId, body)) }
  }

  @Delete(':userId') @Access({ permission: 'users.manage' })
  async remove(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    await this.use.removeEndUser.execute(project, doneBy(caller), userId)
    return { data: { id: userId, deleted: true } }
  }

  @Post(':userId/disable') @HttpCode(200) @Access({ permission: 'users.manage' })
  async disable(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: endUserAnswer(await this.use.changeEndUser.execute(project, doneBy(caller), userId, { disabled: true })) }
  }

  @Post(':userId/enable') @HttpCode(200) @Access({ permission: 'users.manage' })
  async enable(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: endUserAnswer(await this.use.changeEndUser.execute(project, doneBy(caller), userId, { disabled: false })) }
  }

  @Get(':userId/sessions') @Access({ permission: 'users.read' })
  async sessions(@CurrentProject() project: ProjectRecord, @Param('userId', pathUuid) userId: string) {
    return wholeListAnswer((await this.use.listEndUserSessions.execute(project, userId)).map(endUserSessionAnswer))
  }

  @Delete(':userId/sessions') @Access({ permission: 'users.manage' })
  async endSessions(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: { sessions_ended: await this.use.endEndUserSessions.execute(project, doneBy(caller), userId, null) } }
  }

  @Delete(':userId/sessions/:sessionId') @Access({ permission: 'users.manage' })
  async endSession(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Param('sessionId', pathUuid) sessionId: string,
  ) {
    return { data: { sessions_ended: await this.use.endEndUserSessions.execute(project, doneBy(caller), userId, sessionId) } }
  }

  @Get(':userId/passkeys') @Access({ permission: 'users.read' })
  async passkeys(@CurrentProject() project: ProjectRecord, @Param('userId', pathUuid) userId: string) {
    return wholeListAnswer((await this.use.listEndUserPasskeys.execute(project, userId)).map(endUserPasskeyAnswer))
  }

  @Get(':userId/organizations') @Access({ permission: 'users.read' })
  async organizations(@CurrentProject() project: ProjectRecord, @Param('userId', pathUuid) userId: string) {
    const found = await this.use.listEndUserOrganizations.execute(project, userId)
    return wholeListAnswer(found.map(({ organization, role }) => ({ ...organizationAnswer(organization), role })))
  }

  @Delete(':userId/factors') @Access({ permission: 'users.manage' })
  async resetFactors(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    const { factorsRemoved, sessionsEnded } = await this.use.resetFactors.execute(project, doneBy(caller), userId)
    return { data: { factors_removed: factorsRemoved, sessions_ended: sessionsEnded } }
  }

  @Post(':userId/recovery') @HttpCode(200) @Access({ permission: 'users.manage' })
  async recover(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: { ok: true, delivery: await this.use.requestRecovery.execute(project, doneBy(caller), userId) } }
  }
}
