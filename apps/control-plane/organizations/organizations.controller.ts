import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { asOperator } from '@portico/end-user/organizations/organization-actor'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { readPage, toPage } from '@portico/kernel/paging'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { organizationAnswer, organizationMemberAnswer } from './organization.answer.js'
import {
  ChangeOrganizationBody,
  CreateOrganizationBody,
  ListOrganizationsQuery,
  organizationSort,
  TransferOrganizationBody,
} from './organization.body.js'

@Controller('api/v1/projects/:projectId/organizations')
export class OrganizationsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'users.read' })
  async list(@CurrentProject() project: ProjectRecord, @Query(validatedQuery(ListOrganizationsQuery)) query: ListOrganizationsQuery) {
    const page = readPage(query)
    const asked = { ...page, search: query.q ?? query.search ?? null, sort: organizationSort(query.sort) }
    const organizations = await this.use.listOrganizations.execute(project, asked)
    return pageAnswer(toPage(organizations, page, ({ createdAt, id }) => ({ at: createdAt, id })), organizationAnswer)
  }

  @Post() @Access({ permission: 'users.manage' })
  async create(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(CreateOrganizationBody)) body: CreateOrganizationBody,
  ) {
    return { data: organizationAnswer(await this.use.createOrganization.execute(project, asOperator(doneBy(caller)), body)) }
  }

  @Get(':organizationId') @Access({ permission: 'users.read' })
  async read(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('organizationId', pathUuid) id: string) {
    return { data: organizationAnswer(await this.use.readOrganization.execute(project, asOperator(doneBy(caller)), id)) }
  }

  @Patch(':organizationId') @Access({ permission: 'users.manage' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Body(validated(ChangeOrganizationBody)) body: ChangeOrganizationBody,
  ) {
    return { data: organizationAnswer(await this.use.changeOrganization.execute(project, asOperator(doneBy(caller)), id, body)) }
  }

  @Delete(':organizationId') @Access({ permission: 'users.manage' })
  async remove(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('organizationId', pathUuid) id: string) {
    await this.use.deleteOrganization.execute(project, asOperator(doneBy(caller)), id)
    return { data: { id, deleted: true } }
  }

  @Post(':organizationId/transfer') @HttpCode(200) @Access({ permission: 'users.manage' })
  async transfer(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Body(validated(TransferOrganizationBody)) body: TransferOrganizationBody,
  ) {
    const member = await this.use.transferOrganization.execute(project, asOperator(doneBy(caller)), id, body.userId)
    return { data: organizationMemberAnswer(member) }
  }
}
