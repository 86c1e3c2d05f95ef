import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer } from '../http/page-answer.js'
import { pathId } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { bootAnswer, heartbeatAnswer, instanceAnswer } from './instance.answer.js'
import { BootBody, ListInstancesQuery, ReadsBody } from './instance.body.js'

@Controller('api/v1/projects/:projectId/instances')
export class InstancesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  /** Answers secrets, so it needs what reading them needs. */
  @Post() @Access({ permission: 'env.read' })
  async boot(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(BootBody)) body: BootBody) {
    return { data: bootAnswer(await this.use.bootInstance.execute(scope, body, caller)) }
  }

  @Get() @Access({ permission: 'projects.read' })
  async list(@Project() scope: ProjectScope, @Query(validatedQuery(ListInstancesQuery)) query: ListInstancesQuery) {
    return pageAnswer(await this.use.listInstances.execute(scope, { live: query.live ?? false }, readPage(query)), instanceAnswer)
  }

  @Post(':instanceId/heartbeat')
  @HttpCode(200)
  @Access({ permission: 'env.read' })
  async heartbeat(
    @Project() scope: ProjectScope,
    @Param('instanceId', pathId('inst')) id: string,
    @Body(validated(ReadsBody)) body: ReadsBody,
  ) {
    return { data: heartbeatAnswer(await this.use.recordHeartbeat.execute(scope, id, body.reads)) }
  }

  @Delete(':instanceId') @Access({ permission: 'env.read' })
  async end(@Project() scope: ProjectScope, @Param('instanceId', pathId('inst')) id: string) {
    return { data: instanceAnswer(await this.use.endInstance.execute(scope, id)) }
  }
}
