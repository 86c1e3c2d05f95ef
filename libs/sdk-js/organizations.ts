import type { components } from './generated.js'
import { Listing, type NumberedPages, type PageQuery } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

type Schemas = components['schemas']
export type Organization = Schemas['Organization']
export type OrganizationMember = Schemas['OrganizationMember']
export type OrganizationInvitation = Schemas['OrganizationInvitation']
export type OrganizationRole = Schemas['OrganizationRole']
export type SetupLink = Schemas['SetupLink']
export type NewSetupLink = Schemas['NewSetupLink']
export type CreateOrganization = Schemas['CreateOrganizationBody']
export type UpdateOrganization = Schemas['ChangeOrganizationBody']
export type OrganizationQuery = Omit<Schemas['ListOrganizationsQuery'], NumberedPages | 'q'>

/** The companies among the end users of a project. */
export class Organizations {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** `search`: a part of the name, the beginning of the slug, or a proven mail domain. */
  list(projectId: string, query?: OrganizationQuery, options?: CallOptions): Listing<Organization> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId), query }, options)
  }

  create(projectId: string, organization: CreateOrganization, options?: CallOptions): Promise<Organization> {
    return this.#data({ method: 'POST', path: at(projectId), body: organization }, options)
  }

  get(projectId: string, id: string, options?: CallOptions): Promise<Organization> {
    return this.#data({ method: 'GET', path: at(projectId, id) }, options)
  }

  update(projectId: string, id: string, change: UpdateOrganization, options?: CallOptions): Promise<Organization> {
    return this.#data({ method: 'PATCH', path: at(projectId, id), body: change }, options)
  }

  /** Its people stay. */
  async delete(projectId: string, id: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id) }, options)
  }

  /** Makes somebody its only admin. */
  transfer(projectId: string, id: string, userId: string, options?: CallOptions): Promise<OrganizationMember> {
    return this.#data({ method: 'POST', path: at(projectId, id, 'transfer'), body: { userId } }, options)
  }

  members(projectId: string, id: string, query?: PageQuery, options?: CallOptions): Listing<OrganizationMember> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, id, 'members'), query }, options)
  }

  addMember(projectId: string, id: string, userId: string, role = 'member', options?: CallOptions): Promise<OrganizationMember> {
    return this.#data({ method: 'POST', path: at(projectId, id, 'members'), body: { userId, role } }, options)
  }

  /** Throws `last_admin`. */
  setRole(projectId: string, id: string, userId: string, role: string, options?: CallOptions): Promise<OrganizationMember> {
    return this.#data({ method: 'PATCH', path: at(projectId, id, 'members', userId), body: { role } }, options)
  }

  /** Throws `last_admin`. */
  async removeMember(projectId: string, id: string, userId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id, 'members', userId) }, options)
  }

  invitations(projectId: string, id: string, options?: CallOptions): Listing<OrganizationInvitation> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, id, 'invitations') }, options)
  }

  invite(
    projectId: string,
    id: string,
    invite: Schemas['InviteToOrganizationBody'],
    options?: CallOptions,
  ): Promise<OrganizationInvitation> {
    return this.#data({ method: 'POST', path: at(projectId, id, 'invitations'), body: invite }, options)
  }

  async revoke(projectId: string, id: string, invitationId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id, 'invitations', invitationId) }, options)
  }

  /** Links by which an administrator of the customer sets up their own single sign-on; those that are over as well. */
  setupLinks(projectId: string, id: string, options?: CallOptions): Listing<SetupLink> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, id, 'setup-links') }, options)
  }

  /** Answers the `url` to hand on, this once. `connectionId`: a connection that the holder mends; without it they make one. */
  createSetupLink(
    projectId: string,
    id: string,
    link: Schemas['CreateSetupLinkBody'] = {},
    options?: CallOptions,
  ): Promise<NewSetupLink> {
    return this.#data({ method: 'POST', path: at(projectId, id, 'setup-links'), body: link }, options)
  }

  /** Counts with the holder's next click. */
  async revokeSetupLink(projectId: string, id: string, linkId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id, 'setup-links', linkId) }, options)
  }

  /** Of the project, or those that count in one organization. */
  roles(projectId: string, query: { organizationId?: string } = {}, options?: CallOptions): Listing<OrganizationRole> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'organization-roles'], query }, options)
  }

  /** Makes the role or replaces it; with `organizationId` for one organization only. */
  setRoleDefinition(
    projectId: string,
    key: string,
    role: Schemas['SetRoleBody'],
    { organizationId, ...options }: CallOptions & { organizationId?: string } = {},
  ): Promise<OrganizationRole> {
    const query = organizationId === undefined ? {} : { query: { organizationId } }
    return this.#data({ method: 'PUT', path: ['projects', projectId, 'organization-roles', key], body: role, ...query }, options)
  }

  /** Throws `role_in_use`. */
  async removeRoleDefinition(
    projectId: string,
    key: string,
    { organizationId, ...options }: CallOptions & { organizationId?: string } = {},
  ): Promise<void> {
    const query = organizationId === undefined ? {} : { query: { organizationId } }
    await this.#transport.send({ method: 'DELETE', path: ['projects', projectId, 'organization-roles', key], ...query }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}

function at(projectId: string, ...rest: string[]): string[] {
  return ['projects', projectId, 'organizations', ...rest]
}
