import type { AuthClient } from './auth-client.js'
import type { AuthCall } from './connection.js'
import type { components } from './generated.js'
import type { Session, SessionAnswer } from './session.js'

type Schemas = components['schemas']
export type Organization = Schemas['Organization']
export type OwnOrganization = Schemas['OwnOrganization']
export type OrganizationMember = Schemas['OrganizationMember']
export type OrganizationInvitation = Schemas['OrganizationInvitation']
export type OrganizationRole = Schemas['OrganizationRole']
export type OrganizationConnection = Schemas['OrganizationConnection']
export type OrganizationDomain = Schemas['OrganizationDomain']
export type OrganizationSetupLink = Schemas['OrganizationSetupLink']
export type NewOrganizationSetupLink = Schemas['NewOrganizationSetupLink']
export type NewOrganization = Schemas['CreateOrganizationBody']
export type OrganizationChange = Schemas['ChangeOrganizationBody']
export type OrganizationRoleDefinition = Schemas['OrganizationRoleBody']
export type OrganizationInvite = Schemas['InviteMemberBody']

export interface Organizations {
  /** Those that the signed-in person belongs to, with the role there. */
  list(): Promise<OwnOrganization[]>
  /** Only where the project lets people make their own. */
  create(organization: NewOrganization): Promise<Organization>
  get(id: string): Promise<Organization>
  update(id: string, change: OrganizationChange): Promise<Organization>
  delete(id: string): Promise<void>
  /** From now on tokens carry `org_id`, `org_slug`, `org_role` and `permissions`; `null` works for none. */
  activate(id: string | null): Promise<Session>
  /** Throws `last_admin`. */
  leave(id: string): Promise<void>
  members(id: string, page?: { limit?: number; cursor?: string }): Promise<{ data: OrganizationMember[]; nextCursor: string | null }>
  /** Throws `forbidden` beyond what one is permitted, and `last_admin`. */
  setRole(id: string, userId: string, role: string): Promise<OrganizationMember>
  remove(id: string, userId: string): Promise<void>
  roles(id: string): Promise<OrganizationRole[]>
  /** Of this organization alone: for its admins, where the project lets them. */
  setRoleDefinition(id: string, role: OrganizationRoleDefinition): Promise<OrganizationRole>
  /** Throws `role_in_use`. */
  removeRoleDefinition(id: string, key: string): Promise<void>
  invite(id: string, invite: OrganizationInvite): Promise<OrganizationInvitation>
  /** Of an organization that one manages. */
  invitations(id: string): Promise<OrganizationInvitation[]>
  revoke(id: string, invitationId: string): Promise<void>
  /** What waits for the signed-in person. */
  ownInvitations(): Promise<OrganizationInvitation[]>
  /** Throws `email_not_confirmed`, `not_found`. */
  accept(invitationId: string): Promise<OrganizationInvitation>
  decline(invitationId: string): Promise<void>
  /** How its single sign-on stands. For whoever has the permission `sso.manage` there, as all below. */
  connections(id: string): Promise<OrganizationConnection[]>
  /** Its mail domains, with the record that proves each. */
  domains(id: string): Promise<OrganizationDomain[]>
  addDomain(id: string, domain: string): Promise<OrganizationDomain>
  /** Throws `validation_error` (`proof_not_found`) while the record is not there. */
  verifyDomain(id: string, domainId: string): Promise<OrganizationDomain>
  /** Of one that is not proven yet. */
  removeDomain(id: string, domainId: string): Promise<void>
  setupLinks(id: string): Promise<OrganizationSetupLink[]>
  /** The page on which its single sign-on is set up: open `url`, or send it to whoever runs the identity provider. */
  createSetupLink(id: string, link?: { connectionId?: string }): Promise<NewOrganizationSetupLink>
  revokeSetupLink(id: string, linkId: string): Promise<void>
}

/** The companies inside a project, as the people in them see them. */
export function organizations({ core }: AuthClient): Organizations {
  const send = <T>(method: AuthCall['method'], path: string, body?: object): Promise<T> =>
    core.sendAuthorized<T>({ method, path: `/organizations${path}`, ...(body && { body }) })
  const data = async <T>(path: string): Promise<T[]> => (await send<{ data: T[] }>('GET', path)).data
  const at = (id: string, rest = '') => `/${encodeURIComponent(id)}${rest}`
  const member = (id: string, userId: string) => at(id, `/members/${encodeURIComponent(userId)}`)
  return {
    list: () => data(''),
    create: (organization) => send('POST', '', organization),
    get: (id) => send('GET', at(id)),
    update: (id, change) => send('PATCH', at(id), change),
    delete: async (id) => void (await send('DELETE', at(id))),
    activate: async (id) => core.raiseSession(await send<SessionAnswer>('POST', id === null ? '/deactivate' : at(id, '/activate'))),
    leave: async (id) => void (await send('POST', at(id, '/leave'))),
    members: (id, page = {}) => {
      const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)])).toString()
      return send('GET', at(id, `/members${query && `?${query}`}`))
    },
    setRole: (id, userId, role) => send('PATCH', member(id, userId), { role }),
    remove: async (id, userId) => void (await send('DELETE', member(id, userId))),
    roles: (id) => data(at(id, '/roles')),
    setRoleDefinition: (id, role) => send('POST', at(id, '/roles'), role),
    removeRoleDefinition: async (id, key) => void (await send('DELETE', at(id, `/roles/${encodeURIComponent(key)}`))),
    invite: (id, invite) => send('POST', at(id, '/invitations'), invite),
    invitations: (id) => data(at(id, '/invitations')),
    revoke: async (id, invitationId) => void (await send('DELETE', at(id, `/invitations/${encodeURIComponent(invitationId)}`))),
    ownInvitations: () => data('/invitations'),
    accept: (invitationId) => send('POST', `/invitations${at(invitationId, '/accept')}`),
    decline: async (invitationId) => void (await send('POST', `/invitations${at(invitationId, '/decline')}`)),
    connections: (id) => data(at(id, '/connections')),
    domains: (id) => data(at(id, '/domains')),
    addDomain: (id, domain) => send('POST', at(id, '/domains'), { domain }),
    verifyDomain: (id, domainId) => send('POST', at(id, `/domains/${encodeURIComponent(domainId)}/verify`)),
    removeDomain: async (id, domainId) => void (await send('DELETE', at(id, `/domains/${encodeURIComponent(domainId)}`))),
    setupLinks: (id) => data(at(id, '/setup-links')),
    createSetupLink: (id, link = {}) => send('POST', at(id, '/setup-links'), link),
    revokeSetupLink: async (id, linkId) => void (await send('DELETE', at(id, `/setup-links/${encodeURIComponent(linkId)}`))),
  }
}
