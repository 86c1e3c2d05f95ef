import type { components } from './generated.js'
import { Listing, type PageQuery } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

type Schemas = components['schemas']
export type Directory = Schemas['Directory']
export type DirectoryToken = Schemas['DirectoryToken']
export type NewDirectoryToken = Schemas['NewDirectoryToken']
export type DirectoryEvent = Schemas['DirectoryEvent']
export type CreateDirectory = Schemas['CreateDirectoryBody']
export type UpdateDirectory = Schemas['ChangeDirectoryBody']

/** Where the people of organizations come from: what identity providers keep in step by SCIM 2.0. */
export class Directories {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(projectId: string, query?: { organizationId?: string }, options?: CallOptions): Listing<Directory> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId), query }, options)
  }

  create(projectId: string, directory: CreateDirectory, options?: CallOptions): Promise<Directory> {
    return this.#data({ method: 'POST', path: at(projectId), body: directory }, options)
  }

  get(projectId: string, id: string, options?: CallOptions): Promise<Directory> {
    return this.#data({ method: 'GET', path: at(projectId, id) }, options)
  }

  update(projectId: string, id: string, change: UpdateDirectory, options?: CallOptions): Promise<Directory> {
    return this.#data({ method: 'PATCH', path: at(projectId, id), body: change }, options)
  }

  /** Its people stay. */
  async delete(projectId: string, id: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id) }, options)
  }

  tokens(projectId: string, id: string, options?: CallOptions): Listing<DirectoryToken> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, id, 'tokens') }, options)
  }

  /** The only answer that holds the token. Throws `conflict` while two are live. */
  createToken(projectId: string, id: string, token: { expiresAt?: string } = {}, options?: CallOptions): Promise<NewDirectoryToken> {
    return this.#data({ method: 'POST', path: at(projectId, id, 'tokens'), body: token }, options)
  }

  async deleteToken(projectId: string, id: string, tokenId: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: at(projectId, id, 'tokens', tokenId) }, options)
  }

  /** What the identity provider asked to change, newest first; `refused`: only what was not done. */
  log(projectId: string, id: string, query?: PageQuery & { refused?: boolean }, options?: CallOptions): Listing<DirectoryEvent> {
    return new Listing(this.#transport, { method: 'GET', path: at(projectId, id, 'log'), query }, options)
  }

  async #data<T>(call: Call, options?: CallOptions): Promise<T> {
    const { data } = await this.#transport.send<{ data: T }>(call, options)
    return data
  }
}

function at(projectId: string, ...rest: string[]): string[] {
  return ['projects', projectId, 'directories', ...rest]
}
