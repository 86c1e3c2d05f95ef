import { asMember } from '@portico/end-user/organizations/organization-actor'
import type { FastifyInstance } from 'fastify'
import { projectRoutes, type ProjectCall } from '../../../project/project-routes.js'
import type { UseCases } from '../../../use-cases.js'
import { organizationConnectionAnswer, organizationDomainAnswer, setupLinkAnswer } from '../answers/organization-sso.js'
import type { Door } from '../door.js'
import { AddOrganizationDomainBody, CreateOrganizationSetupLinkBody } from './sso.body.js'

type OwnCall = ProjectCall<Parameters<typeof asMember>[1], object, object, object>

/**
 * The single sign-on of an organization, for those of its people whose role permits it (`sso.manage`): their mail domains, how their
 * connections stand, and links to the page on which they set one up.
 */
export function organizationSsoRoutes(server: FastifyInstance, use: UseCases, { pages }: Door): void {
  const route = projectRoutes(server)
  const actorOf = ({ project, session, client }: Pick<OwnCall, 'project' | 'session' | 'client'>) => asMember(project, session, client)

  route.get('/organizations/:id/connections', { access: 'session' }, async (call) => {
    const connections = await use.connectionsOf.execute(call.project, actorOf(call), call.params.id)
    return { data: connections.map(organizationConnectionAnswer) }
  })

  route.get('/organizations/:id/domains', { access: 'session' }, async (call) => {
    return { data: (await use.emailDomains.list(call.project, actorOf(call), call.params.id)).map(organizationDomainAnswer) }
  })

  const add = { access: 'session', limit: 'change_account', status: 201, body: AddOrganizationDomainBody } as const
  route.post('/organizations/:id/domains', add, async (call) => {
    const input = { organizationId: call.params.id, domain: call.body.domain }
    return organizationDomainAnswer(await use.emailDomains.add(call.project, actorOf(call), input))
  })

  // Each looks something up in the DNS.
  route.post('/organizations/:id/domains/:domainId/verify', { access: 'session', limit: 'change_account' }, async (call) => {
    const { id, domainId } = call.params
    await use.emailDomains.ofOrganization(call.project, actorOf(call), id, domainId)
    return organizationDomainAnswer(await use.emailDomains.verify(call.project, actorOf(call), domainId))
  })

  route.delete('/organizations/:id/domains/:domainId', { access: 'session' }, async (call) => {
    await use.emailDomains.removeUnproven(call.project, actorOf(call), call.params.id, call.params.domainId)
    return { ok: true }
  })

  route.get('/organizations/:id/setup-links', { access: 'session' }, async (call) => {
    const links = await use.setupLinks.list(call.project, actorOf(call), call.params.id)
    return { data: links.map((link) => setupLinkAnswer(link, use.setupLinks.now())) }
  })

  const make = { access: 'session', limit: 'change_account', status: 201, body: CreateOrganizationSetupLinkBody } as const
  route.post('/organizations/:id/setup-links', make, async (call) => {
    const { project, params, body } = call
    const { link, token } = await use.setupLinks.create(project, actorOf(call), params.id, body.connectionId ?? null)
    return { ...setupLinkAnswer(link, link.createdAt), url: `${pages.urls.issuer(project)}/setup?token=${token}` }
  })

  route.delete('/organizations/:id/setup-links/:linkId', { access: 'session' }, async (call) => {
    await use.setupLinks.revoke(call.project, actorOf(call), call.params.id, call.params.linkId)
    return { ok: true }
  })
}
