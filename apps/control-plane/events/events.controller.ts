import { Controller, Get, Inject, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { eventAnswer } from './event.answer.js'
import { EventsQuery } from './event.body.js'

@Controller('api/v1/projects/:projectId/events')
export class EventsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'audit.read', archived: true })
  async list(@Project() scope: ProjectScope, @Query(validatedQuery(EventsQuery)) { types, ...query }: EventsQuery) {
    const page = await this.use.listProjectEvents.execute(scope, types ?? null, readPage(query))
    return pageAnswer(page, (event) => eventAnswer(scope.projectId, event))
  }
}
