import { asMember } from '@portico/end-user/organizations/organization-actor'
import { readPage, toPage } from '@portico/kernel/paging'
import { projectRoutes } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import {
  organizationAnswer,
  organizationInvitationAnswer,
  organizationMemberAnswer,
  organizationRoleAnswer,
} from '../answers/organization.js'
import type { Door } from '../door.js'
import {
  ChangeOrganizationBody,
  CreateOrganizationBody,
  InviteMemberBody,
  ListMembersQuery,
  MemberRoleBody,
  OrganizationRoleBody,
} from './organizations.body.js'
import type { FastifyInstance } from 'fastify'

/** Organizations as the people in them see and manage them. */
export function organizationRoutes(server: FastifyInstance, use: UseCases, { transport }: Door): void {
  const route = projectRoutes(server)

  route.get('/organizations', { access: 'session' }, async ({ project, session }) => {
    const own = await use.listOwnOrganizations.execute(project, session)
    return { data: own.map(({ organization, role }) => ({ ...organizationAnswer(organization), role })) }
  })

  route.post('/organizations', { access: 'session', limit: 'change_account', status: 201, body: CreateOrganizationBody }, async (call) => {
    const { project, session, body, client } = call
    return organizationAnswer(await use.createOrganization.execute(project, asMember(project, session, client), body))
  })

  route.post('/organizations/deactivate', { access: 'session' }, async (call) => {
    return transport.answer(call, call.project, await use.activateOrganization.execute(call.project, call.session, null))
  })

  route.post('/organizations/:id/activate', { access: 'session' }, async (call) => {
    return transport.answer(call, call.project, await use.activateOrganization.execute(call.project, call.session, call.params.id))
  })

  route.get('/organizations/:id', { access: 'session' }, async ({ project, session, params, client }) => {
    return organizationAnswer(await use.readOrganization.execute(project, asMember(project, session, client), params.id))
  })

  route.patch('/organizations/:id', { access: 'session', limit: 'change_account', body: ChangeOrganizationBody }, async (call) => {
    const { project, session, params, body, client } = call
    return organizationAnswer(await use.changeOrganization.execute(project, asMember(project, session, client), params.id, body))
  })

  route.delete('/organizations/:id', { access: 'session' }, async ({ project, session, params, client }) => {
    await use.deleteOrganization.execute(project, asMember(project, session, client), params.id)
    return { ok: true }
  })

  route.post('/organizations/:id/leave', { access: 'session' }, async ({ project, session, params, client }) => {
    await use.removeOrganizationMember.execute(project, asMember(project, session, client), params.id, session.user.id)
    return { ok: true }
  })

  route.get('/organizations/:id/members', { access: 'session', query: ListMembersQuery }, async (call) => {
    const page = readPage(call.query)
    const actor = asMember(call.project, call.session, call.client)
    const members = await use.listOrganizationMembers.execute(call.project, actor, call.params.id, page)
    const { items, nextCursor } = toPage(members, page, (member) => ({ at: member.createdAt, id: member.userId }))
    return { data: items.map(organizationMemberAnswer), next_cursor: nextCursor }
  })

  const member = '/organizations/:id/members/:userId'
  route.patch(member, { access: 'session', limit: 'change_account', body: MemberRoleBody }, async (call) => {
    const { id, userId } = call.params
    const input = { userId, role: call.body.role }
    const actor = asMember(call.project, call.session, call.client)
    return organizationMemberAnswer(await use.changeOrganizationMember.execute(call.project, actor, id, input))
  })

  route.delete(member, { access: 'session' }, async ({ project, session, params, client }) => {
    await use.removeOrganizationMember.execute(project, asMember(project, session, client), params.id, params.userId)
    return { ok: true }
  })

  route.get('/organizations/:id/roles', { access: 'session' }, async ({ project, session, params, client }) => {
    const { id } = await use.readOrganization.execute(project, asMember(project, session, client), params.id)
    return { data: (await use.listOrganizationRoles.execute(project, id)).map(organizationRoleAnswer) }
  })

  // Made or replaced by its key, as the one request of a form that says what it is.
  route.post('/organizations/:id/roles', { access: 'session', limit: 'change_account', body: OrganizationRoleBody }, async (call) => {
    const { project, session, client, params, body } = call
    const role = { ...body, organizationId: params.id }
    return organizationRoleAnswer(await use.setOrganizationRole.execute(project, asMember(project, session, client), role))
  })

  route.delete('/organizations/:id/roles/:key', { access: 'session' }, async ({ project, session, params, client }) => {
    const which = { key: params.key, organizationId: params.id }
    await use.removeOrganizationRole.execute(project, asMember(project, session, client), which)
    return { ok: true }
  })

  invitationRoutes(server, use)
}

function invitationRoutes(server: FastifyInstance, use: UseCases): void {
  const route = projectRoutes(server)

  route.get('/organizations/invitations', { access: 'session' }, async ({ project, session }) => {
    return { data: (await use.listOwnInvitations.execute(project, session)).map(organizationInvitationAnswer) }
  })

  route.post('/organizations/invitations/:id/accept', { access: 'session' }, async ({ project, session, params, client }) => {
    const invitation = await use.answerOrganizationInvitation.execute(project, session, { id: params.id, accept: true }, client)
    return organizationInvitationAnswer(invitation)
  })

  route.post('/organizations/invitations/:id/decline', { access: 'session' }, async ({ project, session, params, client }) => {
    await use.answerOrganizationInvitation.execute(project, session, { id: params.id, accept: false }, client)
    return { ok: true }
  })

  route.get('/organizations/:id/invitations', { access: 'session' }, async ({ project, session, params, client }) => {
    const invitations = await use.listOrganizationInvitations.execute(project, asMember(project, session, client), params.id)
    return { data: invitations.map(organizationInvitationAnswer) }
  })

  const invite = { access: 'session', limit: 'mail_client', status: 201, body: InviteMemberBody } as const
  route.post('/organizations/:id/invitations', invite, async (call) => {
    const { project, session, params, body, client } = call
    const input = { ...body, role: body.role ?? 'member' }
    return organizationInvitationAnswer(await use.inviteMember.execute(project, asMember(project, session, client), params.id, input))
  })

  route.delete('/organizations/:id/invitations/:invitationId', { access: 'session' }, async ({ project, session, params, client }) => {
    await use.revokeOrganizationInvitation.execute(project, asMember(project, session, client), params.id, params.invitationId)
    return { ok: true }
  })
}
