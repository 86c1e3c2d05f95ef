import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, CurrentProject, Principal, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import { readPage } from '@portico/kernel/paging'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer } from '../http/page-answer.js'
import { PageQuery } from '../http/page.body.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { erasureAnswer } from './erasure.answer.js'

@Controller('api/v1/projects/:projectId')
export class ErasuresController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post('users/:userId/erase') @HttpCode(200) @Access({ permission: 'users.manage' })
  async erase(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    return { data: erasureAnswer(await this.use.eraseEndUser.execute(project, doneBy(caller), userId)) }
  }

  @Get('erasures') @Access({ permission: 'users.read' })
  async list(@Project() scope: ProjectScope, @Query(validatedQuery(PageQuery)) query: PageQuery) {
    return pageAnswer(await this.use.eraseEndUser.list(scope, readPage(query)), erasureAnswer)
  }
}
