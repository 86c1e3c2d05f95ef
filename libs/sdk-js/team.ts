import type { components } from './generated.js'
import { Listing } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type Me = components['schemas']['Me']
export type Member = components['schemas']['Member']
export type InvitedMember = components['schemas']['InvitedMember']
export type InviteMember = components['schemas']['InviteToTeamBody']
export type UpdateMember = components['schemas']['ChangeMemberBody']
export type Role = components['schemas']['Role']
export type CreateRole = components['schemas']['CreateRoleBody']
export type UpdateRole = components['schemas']['ChangeRoleBody']

/** Who calls, who else may use the console of this tenant, and what their roles allow. */
export class Team {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The holder of this client's key, or the person at the console, with everything they may do. */
  me(options?: CallOptions): Promise<Me> {
    return this.#data({ method: 'GET', path: ['me'] }, options)
  }

  /** All of them, oldest first. */
  members(options?: CallOptions): Listing<Member> {
    return new Listing(this.#transport, { method: 'GET', path: ['members'] }, options)
  }

  /** Mails an invitation; repeated for somebody who has not come yet, another one. */
  invite(member: InviteMember, options?: CallOptions): Promise<InvitedMember> {
    return this.#data({ method: 'POST', path: ['members'], body: member }, options)
  }

  /** `last_owner` where nobody would be left who owns the tenant and can sign in. */
  update(userId: string, change: UpdateMember, options?: CallOptions): Promise<Member> {
    return this.#data({ method: 'PATCH', path: ['members', userId], body: change }, options)
  }

  /** Ends their sessions of the console; the account stays. */
  async remove(userId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['members', userId] }, options)
  }

  /** The four that are there always, then those of the tenant. */
  roles(options?: CallOptions): Listing<Role> {
    return new Listing(this.#transport, { method: 'GET', path: ['roles'] }, options)
  }

  createRole(role: CreateRole, options?: CallOptions): Promise<Role> {
    return this.#data({ method: 'POST', path: ['roles'], body: role }, options)
  }

  /** Counts for those who have it within a second. */
  updateRole(name: string, change: UpdateRole, options?: CallOptions): Promise<Role> {
    return this.#data({ method: 'PATCH', path: ['roles', name], body: change }, options)
  }

  /** `conflict` while somebody has it. */
  async removeRole(name: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['roles', name] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
