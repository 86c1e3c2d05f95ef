import type { Statement } from '@portico/postgres/statement'
import type { StatementRunner } from './database.js'

/** Unscoped calls of the SECURITY DEFINER functions and the limit counters: never a statement on a project's table. */
export class PlatformSql {
  readonly #database: StatementRunner

  constructor(database: StatementRunner) {
    this.#database = database
  }

  run<R>(statement: Statement): Promise<R[]> {
    return this.#database.run<R>(statement)
  }
}
