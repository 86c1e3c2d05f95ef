import { Controller, Get, Inject, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { projectStatsAnswer, tenantStatsAnswer } from './stats.answer.js'
import { statsQuery, StatsQuery } from './stats.body.js'

@Controller('api/v1')
export class StatsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('stats') @Access({ permission: 'stats.read' })
  async ofTenant(@Principal() caller: Caller, @Query(validatedQuery(StatsQuery)) query: StatsQuery) {
    return { data: tenantStatsAnswer(await this.use.readTenantStats.execute(caller, statsQuery(query))) }
  }

  @Get('projects/:projectId/stats') @Access({ permission: 'stats.read', archived: true })
  async ofProject(@Project() scope: ProjectScope, @Query(validatedQuery(StatsQuery)) query: StatsQuery) {
    return { data: projectStatsAnswer(scope.projectId, await this.use.readProjectStats.execute(scope, statsQuery(query))) }
  }
}
