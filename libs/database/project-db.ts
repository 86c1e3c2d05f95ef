import type { Statement } from '@portico/postgres/statement'
import { Database } from './database.js'
import { ProjectScope } from './project-scope.js'

/** A transaction inside one project's scope. Every store function takes one. */
export interface ProjectTx {
  readonly scope: ProjectScope
  query<R>(statement: Statement): Promise<R[]>
  /** To be called by whatever ends a session of this user: announced once the transaction is over, before its caller goes on. */
  sessionsEnded(userId: string): void
}

export interface ProjectDbOptions {
  /**
   * Sessions of this user may have ended by a change made here. The database tells every process of it (`portico_session`), but only after a
   * moment; a process must not vouch for a session that it has just ended itself.
   */
  onSessionsEnded?: (projectId: string, userId: string) => void
}

/** A SQL function that takes the project first and sets the scope itself; `$1` is filled in here. */
export interface ProjectCall {
  name: string
  text: string
  /** `$2` and on. */
  values: readonly unknown[]
}

/** Lock 2 of the isolation: the only way to a project's rows. */
export class ProjectDb {
  readonly #database: Database
  readonly #onSessionsEnded: (projectId: string, userId: string) => void

  constructor(database: Database, options: ProjectDbOptions = {}) {
    this.#database = database
    this.#onSessionsEnded = options.onSessionsEnded ?? (() => undefined)
  }

  /** Several statements that must agree. Keep hashing, mail and other waiting outside. Rolls back when `work` throws. */
  async transaction<T>(scope: ProjectScope, work: (tx: ProjectTx) => Promise<T>): Promise<T> {
    const users = new Set<string>()
    const sessionsEnded = (userId: string): void => void users.add(userId)
    try {
      return await this.#database.unit(enter(scope), (query) => work({ scope, query, sessionsEnded }))
    } finally {
      // Also when it failed: a lost connection does not tell whether the commit went through.
      for (const userId of users) this.sessionsEnded(scope, userId)
    }
  }

  /** The same for a `call` that ended sessions of this user. */
  sessionsEnded(scope: ProjectScope, userId: string): void {
    this.#onSessionsEnded(scope.projectId, userId)
  }

  /** One statement under row-level security. */
  read<R>(scope: ProjectScope, statement: Statement): Promise<R[]> {
    return this.#database.unit(enter(scope), (query) => query<R>(statement))
  }

  /** One round trip: a function of schema `auth` that enters the scope and does its work (docs/architecture.md). */
  call<R>(scope: ProjectScope, call: ProjectCall): Promise<R[]> {
    assertGenuine(scope)
    return this.#database.run<R>({ name: call.name, text: call.text, values: [scope.projectId, ...call.values] })
  }
}

function assertGenuine(scope: ProjectScope): void {
  if (!ProjectScope.isGenuine(scope)) throw new TypeError('A project scope comes from ProjectDirectory.resolve.')
}

function enter(scope: ProjectScope): string {
  assertGenuine(scope)
  // One round trip for two statements. The id is a UUID by construction (ProjectScope.mint), so it may stand in the text.
  return `begin; select set_config('portico.project_id', '${scope.projectId}', true)`
}
