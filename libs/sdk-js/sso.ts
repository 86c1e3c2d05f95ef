import type { components } from './generated.js'
import { Listing } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

type Schemas = components['schemas']
export type SsoConnection = Schemas['SsoConnection']
export type SsoAttempt = Schemas['SsoAttempt']
export type SsoKey = Schemas['SsoKey']
export type SsoTest = Schemas['SsoTest']
export type EmailDomain = Schemas['EmailDomain']
export type BreakGlass = Schemas['BreakGlass']
export type CreateSsoConnection = Schemas['CreateConnectionBody']
export type UpdateSsoConnection = Schemas['ChangeConnectionBody']

/** Companies with an identity provider of their own: connections, the mail domains that they answer for, and who may break the glass. */
export class Sso {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  connections(projectId: string, query: { organizationId?: string } = {}, options?: CallOptions): Listing<SsoConnection> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, 'sso', 'connections'), query }, options)
  }

  createConnection(projectId: string, connection: CreateSsoConnection, options?: CallOptions): Promise<SsoConnection> {
    return this.#data({ method: 'POST', path: at(projectId, 'sso', 'connections'), body: connection }, options)
  }

  getConnection(projectId: string, id: string, options?: CallOptions): Promise<SsoConnection> {
    return this.#data({ method: 'GET', path: at(projectId, 'sso', 'connections', id) }, options)
  }

  /** Throws `sso_lockout` where enforcing it would lock everybody out. */
  updateConnection(projectId: string, id: string, change: UpdateSsoConnection, options?: CallOptions): Promise<SsoConnection> {
    return this.#data({ method: 'PATCH', path: at(projectId, 'sso', 'connections', id), body: change }, options)
  }

  /** The accounts of its people stay. */
  async deleteConnection(projectId: string, id: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, 'sso', 'connections', id) }, options)
  }

  /** Answers an address: whoever opens it signs in at the identity provider; read what came of it with `attempt`. */
  testConnection(projectId: string, id: string, options?: CallOptions): Promise<SsoTest> {
    return this.#data({ method: 'POST', path: at(projectId, 'sso', 'connections', id, 'tests') }, options)
  }

  /** Tests and real sign-ins of the last 24 hours, newest first. */
  attempts(projectId: string, id: string, options?: CallOptions): Listing<SsoAttempt> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, 'sso', 'connections', id, 'attempts') }, options)
  }

  attempt(projectId: string, id: string, attemptId: string, options?: CallOptions): Promise<SsoAttempt> {
    return this.#data({ method: 'GET', path: at(projectId, 'sso', 'connections', id, 'attempts', attemptId) }, options)
  }

  /** Our own keys for the identity provider, oldest first: they stand in our metadata. */
  keys(projectId: string, id: string, options?: CallOptions): Listing<SsoKey> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, 'sso', 'connections', id, 'keys') }, options)
  }

  /** A second one, beside the one that is used. */
  createKey(projectId: string, id: string, options?: CallOptions): Promise<SsoKey> {
    return this.#data({ method: 'POST', path: at(projectId, 'sso', 'connections', id, 'keys') }, options)
  }

  /** Signs from now on. */
  useKey(projectId: string, id: string, keyId: string, options?: CallOptions): Promise<SsoKey> {
    return this.#data({ method: 'POST', path: at(projectId, 'sso', 'connections', id, 'keys', keyId, 'use') }, options)
  }

  async deleteKey(projectId: string, id: string, keyId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, 'sso', 'connections', id, 'keys', keyId) }, options)
  }

  emailDomains(projectId: string, query: { organizationId?: string } = {}, options?: CallOptions): Listing<EmailDomain> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, 'email-domains'), query }, options)
  }

  /** Answers the TXT record that proves it. */
  addEmailDomain(projectId: string, domain: Schemas['AddEmailDomainBody'], options?: CallOptions): Promise<EmailDomain> {
    return this.#data({ method: 'POST', path: at(projectId, 'email-domains'), body: domain }, options)
  }

  verifyEmailDomain(projectId: string, id: string, options?: CallOptions): Promise<EmailDomain> {
    return this.#data({ method: 'POST', path: at(projectId, 'email-domains', id, 'verify') }, options)
  }

  async removeEmailDomain(projectId: string, id: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, 'email-domains', id) }, options)
  }

  breakGlass(projectId: string, options?: CallOptions): Listing<BreakGlass> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, 'sso', 'break-glass') }, options)
  }

  grantBreakGlass(projectId: string, userId: string, options?: CallOptions): Promise<BreakGlass> {
    return this.#data({ method: 'PUT', path: at(projectId, 'sso', 'break-glass', userId) }, options)
  }

  async revokeBreakGlass(projectId: string, userId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, 'sso', 'break-glass', userId) }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}

function at(projectId: string, ...rest: string[]): string[] {
  return ['projects', projectId, ...rest]
}
