import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { attemptAnswer, madeTestAnswer } from './sso-attempt.answer.js'
import { breakGlassAnswer, connectionAnswer } from './sso.answer.js'
import { ChangeConnectionBody, CreateConnectionBody, ListConnectionsQuery } from './sso.body.js'

/** Connections to the identity providers of companies. */
@Controller('api/v1/projects/:projectId/sso')
export class SsoController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('connections') @Access({ permission: 'auth.read' })
  async list(@CurrentProject() project: ProjectRecord, @Query(validatedQuery(ListConnectionsQuery)) query: ListConnectionsQuery) {
    const connections = await this.use.manageConnections.list(project, query.organizationId)
    return wholeListAnswer(connections.map((each) => connectionAnswer(each, this.use.issuerOf(project))))
  }

  @Post('connections') @Access({ permission: 'auth.write' })
  async create(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(CreateConnectionBody)) body: CreateConnectionBody,
  ) {
    return { data: connectionAnswer(await this.use.manageConnections.create(project, doneBy(caller), body), this.use.issuerOf(project)) }
  }

  @Get('connections/:connectionId') @Access({ permission: 'auth.read' })
  async read(@CurrentProject() project: ProjectRecord, @Param('connectionId', pathUuid) id: string) {
    return { data: connectionAnswer(await this.use.manageConnections.read(project, id), this.use.issuerOf(project)) }
  }

  @Patch('connections/:connectionId') @Access({ permission: 'auth.write' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('connectionId', pathUuid) id: string,
    @Body(validated(ChangeConnectionBody)) body: ChangeConnectionBody,
  ) {
    const changed = await this.use.manageConnections.change(project, doneBy(caller), id, body)
    return { data: connectionAnswer(changed, this.use.issuerOf(project)) }
  }

  @Delete('connections/:connectionId') @Access({ permission: 'auth.write' })
  async remove(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('connectionId', pathUuid) id: string) {
    await this.use.manageConnections.remove(project, doneBy(caller), id)
    return { data: { id, deleted: true } }
  }

  /** Answers an address; whoever opens it signs in at the identity provider, and nowhere here. */
  @Post('connections/:connectionId/tests') @Access({ permission: 'auth.write' })
  async test(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('connectionId', pathUuid) id: string) {
    return { data: madeTestAnswer(await this.use.ssoAttempts.test(project, doneBy(caller), id), this.use.issuerOf(project)) }
  }

  @Get('connections/:connectionId/attempts') @Access({ permission: 'users.read' })
  async attempts(@CurrentProject() project: ProjectRecord, @Param('connectionId', pathUuid) id: string) {
    return wholeListAnswer((await this.use.ssoAttempts.list(project, id)).map(attemptAnswer))
  }

  @Get('connections/:connectionId/attempts/:attemptId') @Access({ permission: 'users.read' })
  async attempt(
    @CurrentProject() project: ProjectRecord,
    @Param('connectionId', pathUuid) id: string,
    @Param('attemptId', pathUuid) attemptId: string,
  ) {
    return { data: attemptAnswer(await this.use.ssoAttempts.read(project, id, attemptId)) }
  }

  @Get('break-glass') @Access({ permission: 'auth.read' })
  async breakGlass(@CurrentProject() project: ProjectRecord) {
    return wholeListAnswer((await this.use.manageBreakGlass.list(project)).map(breakGlassAnswer))
  }

  @Put('break-glass/:userId') @Access({ permission: 'auth.write' })
  async grant(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: breakGlassAnswer(await this.use.manageBreakGlass.grant(project, doneBy(caller), userId)) }
  }

  @Delete('break-glass/:userId') @Access({ permission: 'auth.write' })
  async revoke(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    await this.use.manageBreakGlass.revoke(project, doneBy(caller), userId)
    return { data: { user_id: userId, revoked: true } }
  }
}
