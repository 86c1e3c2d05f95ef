import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { asOperator } from '@portico/end-user/organizations/organization-actor'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { emailDomainAnswer } from './sso.answer.js'
import { AddEmailDomainBody, ListConnectionsQuery } from './sso.body.js'

/** Mail domains that organizations, or the project itself, have proven to be theirs. */
@Controller('api/v1/projects/:projectId/email-domains')
export class EmailDomainsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'auth.read' })
  async list(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Query(validatedQuery(ListConnectionsQuery)) { organizationId }: ListConnectionsQuery,
  ) {
    return wholeListAnswer((await this.use.emailDomains.list(project, asOperator(doneBy(caller)), organizationId)).map(emailDomainAnswer))
  }

  @Post() @Access({ permission: 'auth.write' })
  async add(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(AddEmailDomainBody)) body: AddEmailDomainBody,
  ) {
    const input = { domain: body.domain, organizationId: body.organizationId ?? null }
    return { data: emailDomainAnswer(await this.use.emailDomains.add(project, asOperator(doneBy(caller)), input)) }
  }

  @Post(':domainId/verify') @HttpCode(200) @Access({ permission: 'auth.write' })
  async verify(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('domainId', pathUuid) id: string) {
    return { data: emailDomainAnswer(await this.use.emailDomains.verify(project, asOperator(doneBy(caller)), id)) }
  }

  @Delete(':domainId') @Access({ permission: 'auth.write' })
  async remove(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('domainId', pathUuid) id: string) {
    await this.use.emailDomains.remove(project, asOperator(doneBy(caller)), id)
    return { data: { id, deleted: true } }
  }
}
