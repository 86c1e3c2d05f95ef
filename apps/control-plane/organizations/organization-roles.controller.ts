import { Body, Controller, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { asOperator } from '@portico/end-user/organizations/organization-actor'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { organizationRoleAnswer } from './organization.answer.js'
import { RolesQuery, SetRoleBody } from './organization.body.js'

/** What the people of organizations may be; of the whole project, or (`organization_id`) of one organization. */
@Controller('api/v1/projects/:projectId/organization-roles')
export class OrganizationRolesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'users.read' })
  async list(@CurrentProject() project: ProjectRecord, @Query(validatedQuery(RolesQuery)) query: RolesQuery) {
    const roles = await this.use.listOrganizationRoles.execute(project, query.organizationId ?? null)
    return wholeListAnswer(roles.map(organizationRoleAnswer))
  }

  @Put(':key') @Access({ permission: 'users.manage' })
  async set(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('key') key: string,
    @Query(validatedQuery(RolesQuery)) query: RolesQuery,
    @Body(validated(SetRoleBody)) body: SetRoleBody,
  ) {
    const role = { key, organizationId: query.organizationId ?? null, ...body }
    return { data: organizationRoleAnswer(await this.use.setOrganizationRole.execute(project, asOperator(doneBy(caller)), role)) }
  }

  @Delete(':key') @Access({ permission: 'users.manage' })
  async remove(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('key') key: string,
    @Query(validatedQuery(RolesQuery)) query: RolesQuery,
  ) {
    const which = { key, organizationId: query.organizationId ?? null }
    await this.use.removeOrganizationRole.execute(project, asOperator(doneBy(caller)), which)
    return { data: { key, removed: true } }
  }
}
