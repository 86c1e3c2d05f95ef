import { tryPooler, UnusablePoolerError } from '@portico/postgres/pooler'
import type { RoleConnection } from './role-connection.js'

/** Whether the process can work through what stands in front of PostgreSQL: for its start and for readiness. Found out once. */
export class PoolerCheck {
  #known = false

  constructor(private readonly connection: RoleConnection) {}

  /** Throws `UnusablePoolerError`. A database that is away says nothing of a pooler. */
  async run(): Promise<void> {
    if (this.#known) return
    try {
      await tryPooler(this.connection)
      this.#known = true
    } catch (error) {
      if (error instanceof UnusablePoolerError) throw error
    }
  }
}
