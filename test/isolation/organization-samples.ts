import type { Owned, RouteSample, Sample } from './route-samples.js'
import { SPARE_ROLE } from './own-organization.js'

type Request = (of: Owned) => Sample

const refused = (request: Request, more: Partial<RouteSample> = {}): RouteSample => ({ request, foreign: 'refused', ...more })
const inOrganization = (more: Request = () => ({}), rest: Partial<RouteSample> = {}): RouteSample =>
  refused((of) => {
    const { params, ...said } = more(of)
    return { params: { id: of.person.organization.id, ...params }, ...said }
  }, rest)
const ofMember = ({ person }: Owned) => ({ userId: person.organization.memberId })

/** The routes of organizations on the data plane. */
export const ORGANIZATION_SAMPLES: Readonly<Record<string, RouteSample>> = {
  'GET /auth/organizations': refused(() => ({})),
  'POST /auth/organizations': refused(() => ({ body: { name: 'Another company' } })),
  'POST /auth/organizations/deactivate': refused(() => ({})),
  'GET /auth/organizations/invitations': refused(() => ({})),
  'POST /auth/organizations/invitations/:id/accept': refused(({ person }) => ({ params: { id: person.organization.ownInvitationId } })),
  'POST /auth/organizations/invitations/:id/decline': refused(({ person }) => ({ params: { id: person.organization.ownInvitationId } })),
  'GET /auth/organizations/:id': inOrganization(),
  'PATCH /auth/organizations/:id': inOrganization(() => ({ body: { name: 'Renamed' } })),
  'DELETE /auth/organizations/:id': inOrganization(),
  'POST /auth/organizations/:id/activate': inOrganization(),
  // The only admin stays.
  'POST /auth/organizations/:id/leave': inOrganization(undefined, { own: [409] }),
  'GET /auth/organizations/:id/members': inOrganization(),
  'PATCH /auth/organizations/:id/members/:userId': inOrganization((of) => ({ params: ofMember(of), body: { role: 'admin' } })),
  'DELETE /auth/organizations/:id/members/:userId': inOrganization((of) => ({ params: ofMember(of) })),
  'GET /auth/organizations/:id/roles': inOrganization(),
  // The project keeps roles to its operators, as it does until told otherwise.
  'POST /auth/organizations/:id/roles': inOrganization(() => ({ body: { key: 'own', name: 'Own', permissions: [] } }), { own: [403] }),
  'DELETE /auth/organizations/:id/roles/:key': inOrganization(() => ({ params: { key: 'own' } }), { own: [403] }),
  'GET /auth/organizations/:id/invitations': inOrganization(),
  'POST /auth/organizations/:id/invitations': inOrganization(({ person }) => ({ body: { email: `new.${person.email}` } })),
  'DELETE /auth/organizations/:id/invitations/:invitationId': inOrganization(({ person }) => ({
    params: { invitationId: person.organization.invitationId },
  })),
  'GET /auth/organizations/:id/connections': inOrganization(),
  'GET /auth/organizations/:id/domains': inOrganization(),
  'POST /auth/organizations/:id/domains': inOrganization(() => ({ body: { domain: 'another.example' } })),
  // What was looked for in the DNS is not there.
  'POST /auth/organizations/:id/domains/:domainId/verify': inOrganization(
    ({ person }) => ({ params: { domainId: person.organization.domainId } }),
    { own: [422, 503] },
  ),
  'DELETE /auth/organizations/:id/domains/:domainId': inOrganization(({ person }) => ({ params: { domainId: person.organization.domainId } })),
  'GET /auth/organizations/:id/setup-links': inOrganization(),
  'POST /auth/organizations/:id/setup-links': inOrganization(() => ({ body: {} })),
  'DELETE /auth/organizations/:id/setup-links/:linkId': inOrganization(({ person }) => ({ params: { linkId: person.organization.setup.spareId } })),
}

const ofProject = (more: Request = () => ({})): RouteSample =>
  refused((of) => {
    const { params, ...said } = more(of)
    return { params: { projectId: of.tenant.projectId, ...params }, ...said }
  })
const ofOrganization = (more: Request = () => ({})): RouteSample =>
  ofProject((of) => {
    const { params, ...said } = more(of)
    return { params: { organizationId: of.person.organization.id, ...params }, ...said }
  })
const base = '/api/v1/projects/:projectId/organizations'
const links = `${base}/:organizationId/setup-links`
const roles = '/api/v1/projects/:projectId/organization-roles'

/** The same on the control plane. */
export const ORGANIZATION_CONTROL_SAMPLES: Readonly<Record<string, RouteSample>> = {
  [`GET ${base}`]: ofProject(),
  [`POST ${base}`]: ofProject(({ person }) => ({ body: { name: 'Another company', admin_id: person.userId } })),
  [`GET ${base}/:organizationId`]: ofOrganization(),
  [`PATCH ${base}/:organizationId`]: ofOrganization(() => ({ body: { name: 'Renamed' } })),
  [`DELETE ${base}/:organizationId`]: ofOrganization(),
  [`POST ${base}/:organizationId/transfer`]: ofOrganization(({ person }) => ({ body: { user_id: person.organization.memberId } })),
  [`GET ${base}/:organizationId/members`]: ofOrganization(),
  [`POST ${base}/:organizationId/members`]: {
    // Belongs to it already.
    ...ofOrganization(({ person }) => ({ body: { user_id: person.organization.memberId, role: 'admin' } })),
    own: [409],
  },
  [`PATCH ${base}/:organizationId/members/:userId`]: ofOrganization((of) => ({ params: ofMember(of), body: { role: 'admin' } })),
  [`DELETE ${base}/:organizationId/members/:userId`]: ofOrganization((of) => ({ params: ofMember(of) })),
  [`GET ${base}/:organizationId/invitations`]: ofOrganization(),
  [`POST ${base}/:organizationId/invitations`]: ofOrganization(({ person }) => ({ body: { email: `new.${person.email}` } })),
  [`DELETE ${base}/:organizationId/invitations/:invitationId`]: ofOrganization(({ person }) => ({
    params: { invitationId: person.organization.invitationId },
  })),
  [`GET ${links}`]: ofOrganization(),
  [`POST ${links}`]: ofOrganization(() => ({ body: {} })),
  [`DELETE ${links}/:linkId`]: ofOrganization(({ person }) => ({ params: { linkId: person.organization.setup.spareId } })),
  [`GET ${roles}`]: ofProject(),
  [`PUT ${roles}/:key`]: ofProject(() => ({ params: { key: SPARE_ROLE }, body: { name: 'Spare', permissions: ['billing.read'] } })),
  [`DELETE ${roles}/:key`]: ofProject(() => ({ params: { key: SPARE_ROLE } })),
}
