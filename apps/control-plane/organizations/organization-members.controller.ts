import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { asOperator } from '@portico/end-user/organizations/organization-actor'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { readPage, toPage } from '@portico/kernel/paging'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer, wholeListAnswer } from '../http/page-answer.js'
import { PageQuery } from '../http/page.body.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { organizationInvitationAnswer, organizationMemberAnswer } from './organization.answer.js'
import { AddMemberBody, InviteToOrganizationBody, MemberRoleBody } from './organization.body.js'

/** Who belongs to an organization, and who is invited to. */
@Controller('api/v1/projects/:projectId/organizations/:organizationId')
export class OrganizationMembersController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('members') @Access({ permission: 'users.read' })
  async list(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Query(validatedQuery(PageQuery)) query: PageQuery,
  ) {
    const page = readPage(query)
    const members = await this.use.listOrganizationMembers.execute(project, asOperator(doneBy(caller)), id, page)
    return pageAnswer(toPage(members, page, ({ createdAt, userId }) => ({ at: createdAt, id: userId })), organizationMemberAnswer)
  }

  @Post('members') @Access({ permission: 'users.manage' })
  async add(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Body(validated(AddMemberBody)) body: AddMemberBody,
  ) {
    const input = { userId: body.userId, role: body.role ?? 'member' }
    return { data: organizationMemberAnswer(await this.use.addOrganizationMember.execute(project, asOperator(doneBy(caller)), id, input)) }
  }

  @Patch('members/:userId') @Access({ permission: 'users.manage' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Param('userId', pathUuid) userId: string,
    @Body(validated(MemberRoleBody)) body: MemberRoleBody,
  ) {
    const input = { userId, role: body.role }
    const member = await this.use.changeOrganizationMember.execute(project, asOperator(doneBy(caller)), id, input)
    return { data: organizationMemberAnswer(member) }
  }

  @Delete('members/:userId') @Access({ permission: 'users.manage' })
  async remove(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Param('userId', pathUuid) userId: string,
  ) {
    await this.use.removeOrganizationMember.execute(project, asOperator(doneBy(caller)), id, userId)
    return { data: { user_id: userId, removed: true } }
  }

  @Get('invitations') @Access({ permission: 'users.read' })
  async invitations(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('organizationId', pathUuid) id: string) {
    const invitations = await this.use.listOrganizationInvitations.execute(project, asOperator(doneBy(caller)), id)
    return wholeListAnswer(invitations.map(organizationInvitationAnswer))
  }

  @Post('invitations') @Access({ permission: 'users.manage' })
  async invite(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Body(validated(InviteToOrganizationBody)) body: InviteToOrganizationBody,
  ) {
    const input = { ...body, role: body.role ?? 'member' }
    return { data: organizationInvitationAnswer(await this.use.inviteMember.execute(project, asOperator(doneBy(caller)), id, input)) }
  }

  @Delete('invitations/:invitationId') @Access({ permission: 'users.manage' })
  async revoke(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) id: string,
    @Param('invitationId', pathUuid) invitationId: string,
  ) {
    await this.use.revokeOrganizationInvitation.execute(project, asOperator(doneBy(caller)), id, invitationId)
    return { data: { id: invitationId, revoked: true } }
  }
}
