import { Controller, Get, Inject, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import { readPage } from '@portico/kernel/paging'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { usageAnswer } from './usage.answer.js'
import { ProjectUsageQuery, UsageQuery } from './usage.body.js'
import { readInstant } from '../http/instant.js'

@Controller('api/v1')
export class UsageController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('usage') @Access({ permission: 'stats.read' })
  async ofTenant(@Principal() caller: Caller, @Query(validatedQuery(UsageQuery)) query: UsageQuery) {
    const asked = { ...window(query), groupBy: query.group_by }
    return usageAnswer(caller.tenantId, await this.use.readUsage.execute(caller, asked, readPage(query)))
  }

  @Get('projects/:projectId/usage') @Access({ permission: 'stats.read', archived: true })
  async ofProject(@Project() scope: ProjectScope, @Query(validatedQuery(ProjectUsageQuery)) query: ProjectUsageQuery) {
    const asked = { ...window(query), projectId: scope.projectId }
    return usageAnswer(scope.tenantId, await this.use.readUsage.execute(scope, asked, readPage(query)))
  }
}

function window({ from, to, interval }: ProjectUsageQuery) {
  return { from: readInstant('from', from), to: readInstant('to', to), interval }
}
