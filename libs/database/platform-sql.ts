import type { Statement } from '@portico/postgres/statement'
import type { StatementRunner } from './database.js'
import { traced } from './traced.js'

/** Unscoped calls of the SECURITY DEFINER functions and the limit counters: never a statement on a project's table. */
export class PlatformSql {
  readonly #database: StatementRunner

  constructor(database: StatementRunner) {
    this.#database = database
  }

  run<R>(statement: Statement): Promise<R[]> {
    return this.#database.run<R>(statement)
  }

  /** For functions that write events: these know the trace of the request (three trips instead of one, where there is a trace). */
  runWithEvents<R>(statement: Statement): Promise<R[]> {
    const trace = traced()
    return trace === '' ? this.run(statement) : this.#database.unit(`begin${trace}`, (query) => query<R>(statement))
  }
}
