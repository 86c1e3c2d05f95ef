import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, CurrentProject, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { formatId, parseId } from '@portico/kernel/ids'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathId } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { domainAnswer } from './domain.answer.js'
import { AddDomainBody, HandOverDomainBody, RemoveDomainQuery } from './domain.body.js'

@Controller('api/v1/projects/:projectId/domains')
export class DomainsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ permission: 'domains.manage' })
  async add(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(AddDomainBody)) body: AddDomainBody) {
    return { data: domainAnswer(await this.use.addDomain.execute(scope, caller, body)) }
  }

  @Get() @Access({ permission: 'projects.read' })
  async list(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.listDomains.execute(scope)).map(domainAnswer))
  }

  @Post(':domainId/verify') @HttpCode(200) @Access({ permission: 'domains.manage' })
  async verify(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('domainId', pathId('dom')) domainId: string) {
    return { data: domainAnswer(await this.use.verifyDomain.execute(scope, caller, domainId)) }
  }

  @Post(':domainId/main') @HttpCode(200) @Access({ permission: 'domains.manage' })
  async makeMain(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('domainId', pathId('dom')) domainId: string) {
    return { data: domainAnswer(await this.use.makeMainDomain.execute(scope, caller, domainId)) }
  }

  @Post(':domainId/hand-over') @HttpCode(200) @Access({ permission: 'domains.manage' })
  async handOver(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('domainId', pathId('dom')) domainId: string,
    @Body(validated(HandOverDomainBody)) body: HandOverDomainBody,
  ) {
    const projectId = parseId('proj', body.projectId)
    if (projectId === null) throw new AuthError('not_found')
    await this.use.handOverDomain.execute(project, caller, domainId, { projectId, force: body.force ?? false })
    return { data: { id: formatId('dom', domainId), project_id: formatId('proj', projectId) } }
  }

  @Delete(':domainId') @Access({ permission: 'domains.manage' })
  async remove(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('domainId', pathId('dom')) domainId: string,
    @Query(validatedQuery(RemoveDomainQuery)) { force }: RemoveDomainQuery,
  ) {
    await this.use.removeDomain.execute(project, caller, domainId, force ?? false)
    return { data: { id: formatId('dom', domainId), deleted: true } }
  }
}
