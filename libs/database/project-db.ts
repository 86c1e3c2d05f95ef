import { Database, type Statement } from './database.js'
import { ProjectScope } from './project-scope.js'

/** A transaction inside one project's scope. Every store function takes one. */
export interface ProjectTx {
  readonly scope: ProjectScope
  query<R>(statement: Statement): Promise<R[]>
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

  constructor(database: Database) {
    this.#database = database
  }

  /** Several statements that must agree. Keep hashing, mail and other waiting outside. Rolls back when `work` throws. */
  transaction<T>(scope: ProjectScope, work: (tx: ProjectTx) => Promise<T>): Promise<T> {
    return this.#database.unit(enter(scope), (query) => work({ scope, query }))
  }

  /** One statement under row-level security. */
  read<R>(scope: ProjectScope, statement: Statement): Promise<R[]> {
    return this.#database.unit(enter(scope), (query) => query<R>(statement))
  }

  /** One round trip: a function of schema `auth` that enters the scope and does its work (architecture, section 5). */
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
