import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer } from '../http/page-answer.js'
import { pathId } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { projectAnswer } from './project.answer.js'
import { ChangeProjectBody, CreateProjectBody, ListProjectsQuery, projectSort } from './project.body.js'

@Controller('api/v1/projects')
export class ProjectsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ permission: 'projects.write' })
  async create(@Principal() caller: Caller, @Body(validated(CreateProjectBody)) body: CreateProjectBody) {
    return { data: projectAnswer(await this.use.createProject.execute(caller, body)) }
  }

  @Get() @Access({ permission: 'projects.read', limitedKeys: true })
  async list(@Principal() caller: Caller, @Query(validatedQuery(ListProjectsQuery)) query: ListProjectsQuery) {
    const filter = {
      archived: query.archived ?? false,
      externalProjectId: query.externalProjectId ?? null,
      search: query.q ?? query.search ?? null,
      sort: projectSort(query.sort),
    }
    return pageAnswer(await this.use.listProjects.execute(caller, filter, readPage(query)), projectAnswer)
  }

  @Get(':projectId') @Access({ permission: 'projects.read', archived: true })
  async read(@Principal() caller: Caller, @Param('projectId', pathId('proj')) id: string) {
    return { data: projectAnswer(await this.use.readProject.execute(caller, id)) }
  }

  @Patch(':projectId')
  @Access({ permission: 'projects.write' })
  async change(
    @Principal() caller: Caller,
    @Param('projectId', pathId('proj')) id: string,
    @Body(validated(ChangeProjectBody)) body: ChangeProjectBody,
  ) {
    return { data: projectAnswer(await this.use.changeProject.execute(caller, id, body)) }
  }

  @Delete(':projectId') @Access({ permission: 'projects.write', archived: true })
  async archive(@Principal() caller: Caller, @Param('projectId', pathId('proj')) id: string) {
    return { data: projectAnswer(await this.use.archiveProject.execute(caller, id)) }
  }
}
