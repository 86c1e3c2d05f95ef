import type { Erasure } from './audit-log.js'
import type { components } from './generated.js'
import { Listing, type NumberedPages } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type EndUser = components['schemas']['User']
export type CreateUser = components['schemas']['CreateUserBody']
export type InviteUser = components['schemas']['InviteEndUserBody']
export type UpdateUser = components['schemas']['ChangeUserBody']

export type EvictUser = components['schemas']['EvictUserBody']
export type Evicted = components['schemas']['Evicted']
export type UserIdentity = components['schemas']['UserIdentity']
export type UnlinkedIdentity = components['schemas']['UnlinkedIdentity']
export type UserPasskey = components['schemas']['UserPasskey']
export type UserOrganization = components['schemas']['UserOrganization']
export type UserSession = components['schemas']['Session']
export type UserQuery = Omit<components['schemas']['ListUsersQuery'], NumberedPages | 'q'>
/** Whom an export or a list is of: everything given must hold. */
export type UserFilter = Omit<components['schemas']['ExportUsersQuery'], 'q' | 'format'>
export type BulkUsers = components['schemas']['BulkEndUsersBody']
export type BulkResult = components['schemas']['BulkResult']

/** The end users of a project, as an administrator sees them. */
export class Users {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** A page that few of very many people match may be short and not be the last one: iterate, or go by `page.nextCursor`. */
  list(projectId: string, query?: UserQuery, options?: CallOptions): Listing<EndUser> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'users'], query }, options)
  }

  /** Everybody who meets the filter, oldest first, read while it arrives: `for await (const user of portico.users.export(projectId)) …`. */
  export(projectId: string, filter?: UserFilter, options?: CallOptions): AsyncIterable<EndUser> {
    return this.#transport.lines({ method: 'GET', path: ['projects', projectId, 'users', 'export'], query: filter }, options)
  }

  /** The same as the text of a file, in parts. */
  exportText(projectId: string, filter?: UserFilter & { format?: 'ndjson' | 'csv' }, options?: CallOptions): AsyncIterable<string> {
    return this.#transport.stream({ method: 'GET', path: ['projects', projectId, 'users', 'export'], query: filter }, options)
  }

  /** One action on up to 100 users. Some may fail while others succeed: look at `failed` and at each result. */
  bulk(projectId: string, input: BulkUsers, options?: CallOptions): Promise<BulkResult> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', 'bulk'], body: input }, options)
  }

  create(projectId: string, user: CreateUser, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users'], body: user }, options)
  }

  /** Makes an account and mails its owner a link to set a first password, or to come in with a provider. */
  invite(projectId: string, invitation: InviteUser, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', 'invite'], body: invitation }, options)
  }

  get(projectId: string, userId: string, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'users', userId] }, options)
  }

  update(projectId: string, userId: string, change: UpdateUser, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'PATCH', path: ['projects', projectId, 'users', userId], body: change }, options)
  }

  async delete(projectId: string, userId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['projects', projectId, 'users', userId] }, options)
  }

  /** Deletes somebody and every trace of them, and answers a signed receipt of what was destroyed (`verifyErasureReceipt`). */
  erase(projectId: string, userId: string, options?: CallOptions): Promise<Erasure> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', userId, 'erase'] }, options)
  }

  /** The receipts that were given so far, newest first. */
  erasures(projectId: string, query?: { limit?: number; cursor?: string }, options?: CallOptions): Listing<Erasure> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'erasures'], query }, options)
  }

  /** Bars the user and ends every session. */
  disable(projectId: string, userId: string, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', userId, 'disable'] }, options)
  }

  enable(projectId: string, userId: string, options?: CallOptions): Promise<EndUser> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', userId, 'enable'] }, options)
  }

  /** Where the user is signed in. */
  sessions(projectId: string, userId: string, options?: CallOptions): Promise<UserSession[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'users', userId, 'sessions'] }, options)
  }

  /** Name, last use and where each was registered. */
  passkeys(projectId: string, userId: string, options?: CallOptions): Promise<UserPasskey[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'users', userId, 'passkeys'] }, options)
  }

  /** Where they belong, with their role there. */
  organizations(projectId: string, userId: string, options?: CallOptions): Promise<UserOrganization[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'users', userId, 'organizations'] }, options)
  }

  async endSession(projectId: string, userId: string, sessionId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['projects', projectId, 'users', userId, 'sessions', sessionId] }, options)
  }

  /** Answers how many ended. */
  async endSessions(projectId: string, userId: string, options?: CallOptions): Promise<number> {
    const call: Call = { method: 'DELETE', path: ['projects', projectId, 'users', userId, 'sessions'] }
    return (await this.#data<components['schemas']['SessionsEnded']>(call, options)).sessionsEnded
  }

  /** Mails the user a link to set a new password with. */
  sendRecovery(projectId: string, userId: string, options?: CallOptions): Promise<components['schemas']['Delivery']> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', userId, 'recovery'] }, options)
  }

  /**
   * For a user who lost everything: removes every second factor, recovery code and passkey, and ends every session. The user is told by
   * mail.
   */
  resetFactors(projectId: string, userId: string, options?: CallOptions): Promise<{ factorsRemoved: number; sessionsEnded: number }> {
    return this.#data({ method: 'DELETE', path: ['projects', projectId, 'users', userId, 'factors'] }, options)
  }

  /**
   * An intruder is in the account: removes everything that opens it, and mails the owner the way back. Answers what was removed, by
   * kind and number.
   */
  evict(projectId: string, userId: string, input: EvictUser = {}, options?: CallOptions): Promise<Evicted> {
    return this.#data({ method: 'POST', path: ['projects', projectId, 'users', userId, 'evict'], body: input }, options)
  }

  /** The accounts of providers that open the user's account. */
  identities(projectId: string, userId: string, options?: CallOptions): Promise<UserIdentity[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'users', userId, 'identities'] }, options)
  }

  /** Disconnects one and ends every session; `subject` says which when there are several of one provider. */
  unlinkIdentity(
    projectId: string,
    userId: string,
    identity: { provider: string; subject?: string },
    options?: CallOptions,
  ): Promise<UnlinkedIdentity> {
    const which = identity.subject === undefined ? [identity.provider] : [identity.provider, identity.subject]
    return this.#data({ method: 'DELETE', path: ['projects', projectId, 'users', userId, 'identities', ...which] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}
