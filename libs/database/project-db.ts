import type { Statement } from '@portico/postgres/statement'
import type { StatementRunner } from './database.js'
import { placedIn } from './placed-statement.js'
import { ProjectScope } from './project-scope.js'
import { traced } from './traced.js'

/** A transaction inside one project's scope. Every store function takes one. */
export interface ProjectTx {
  readonly scope: ProjectScope
  query<R>(statement: Statement): Promise<R[]>
  /**
   * To be called by whatever ends a session of this user, or changes what a process may remember of them: that they exist and are enabled,
   * their address, whether it is verified. Written down for the other processes in this transaction, told to this one before the caller
   * goes on.
   */
  userChanged(userId: string, now: Date): void
  /** The same for what `ProjectDirectory` answers of the project. */
  projectChanged(now: Date): void
}

export interface ProjectDbOptions {
  /** A change made here: a process must not vouch for a session that it has just ended itself. */
  onUserChanged?: (projectId: string, userId: string, changedAt: Date) => void
  /** Something was noted for the other processes, which hear of it with their next look (see ChangeFeed). */
  onNoted?: () => void
}

/** A SQL function that takes the project first and sets the scope itself; `$1` is filled in here. */
export interface ProjectCall {
  name: string
  text: string
  /** `$2` and on. */
  values: readonly unknown[]
  /** It writes events and does not take the trace as a parameter: a traced caller makes three trips, so no hot path says so. */
  writesEvents?: true
}

/** Lock 2 of the isolation: the only way to a project's rows. */
export class ProjectDb {
  readonly #database: StatementRunner
  readonly #onUserChanged: (projectId: string, userId: string, changedAt: Date) => void
  readonly #onNoted: () => void

  constructor(database: StatementRunner, options: ProjectDbOptions = {}) {
    this.#database = database
    this.#onUserChanged = options.onUserChanged ?? (() => undefined)
    this.#onNoted = options.onNoted ?? (() => undefined)
  }

  /** Several statements that must agree. Keep hashing, mail and other waiting outside. Rolls back when `work` throws. */
  async transaction<T>(scope: ProjectScope, work: (tx: ProjectTx) => Promise<T>): Promise<T> {
    // By user; null is the project itself.
    const changes = new Map<string | null, Date>()
    const userChanged = (userId: string, now: Date): void => void changes.set(userId, now)
    const projectChanged = (now: Date): void => void changes.set(null, now)
    try {
      return await this.#database.unit(enter(scope) + traced(), async (ask) => {
        const query = <R>(statement: Statement) => ask<R>(placedIn(scope.projectId, statement))
        const result = await work({ scope, query, userChanged, projectChanged })
        // Last, so that as little time as possible lies between the note and the commit.
        if (changes.size > 0) await query(noteOf(changes))
        return result
      })
    } finally {
      // Also when it failed: a lost connection does not tell whether the commit went through.
      for (const [userId, now] of changes) if (userId !== null) this.userChanged(scope, userId, now)
      if (changes.size > 0) this.#onNoted()
    }
  }

  /** For a `call` whose function has noted a change of this user. */
  userChanged(scope: ProjectScope, userId: string, now: Date): void {
    this.#onUserChanged(scope.projectId, userId, now)
  }

  /** One statement under row-level security. */
  read<R>(scope: ProjectScope, statement: Statement): Promise<R[]> {
    return this.#database.unit(enter(scope), (query) => query<R>(placedIn(scope.projectId, statement)))
  }

  /** One round trip: a function of schema `auth` that enters the scope and does its work (docs/architecture.md). */
  call<R>(scope: ProjectScope, call: ProjectCall): Promise<R[]> {
    assertGenuine(scope)
    const statement = { name: call.name, text: call.text, values: [scope.projectId, ...call.values] }
    const trace = call.writesEvents ? traced() : ''
    return trace === '' ? this.#database.run<R>(statement) : this.#database.unit(`begin${trace}`, (query) => query<R>(statement))
  }
}

function noteOf(changes: ReadonlyMap<string | null, Date>): Statement {
  return {
    name: 'change_note',
    text: `insert into auth.change (project_id, end_user_id, changed_at)
      select auth.current_project_id(), c.end_user_id, c.changed_at from unnest($1::uuid[], $2::timestamptz[]) c (end_user_id, changed_at)
      on conflict do nothing`,
    values: [[...changes.keys()], [...changes.values()]],
  }
}

function assertGenuine(scope: ProjectScope): void {
  if (!ProjectScope.isGenuine(scope)) throw new TypeError('A project scope comes from ProjectDirectory.resolve.')
}

function enter(scope: ProjectScope): string {
  assertGenuine(scope)
  // One round trip for two statements. The id is a UUID by construction (ProjectScope.mint), so it may stand in the text. `set local` and
  // no function: on a cluster of machines it goes along to the one that holds the project.
  return `begin; set local portico.project_id = '${scope.projectId}'`
}
