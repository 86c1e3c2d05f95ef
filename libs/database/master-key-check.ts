import { isPasswordRefused } from '@portico/postgres/role-passwords'
import { connectionProblem } from './connection-problem.js'
import type { PlatformSql } from './platform-sql.js'

/** For readiness and the log. */
export const masterKeyProblem = (error: unknown): string => connectionProblem(error) ?? 'the master key is not the one of this database'

/** Whether the process has the master key of this installation: for its start and for readiness. */
export class MasterKeyCheck {
  #wrong = false

  /** `opens`: whether the installation's canary opens with the keys at hand. `onWrong` is called when it turns out that it does not. */
  constructor(
    private readonly sql: PlatformSql,
    private readonly opens: (canary: Buffer) => boolean,
    private readonly onWrong: () => void,
  ) {}

  /** Throws when the key is known to be wrong. A database that is away says nothing of the key. */
  async run(): Promise<void> {
    const { wrong, cause } = await this.#look()
    if (wrong && !this.#wrong) this.onWrong()
    this.#wrong = wrong
    if (wrong) throw new Error('wrong master key', { cause })
  }

  async #look(): Promise<{ wrong: boolean; cause?: unknown }> {
    try {
      const [row] = await this.sql.run<{ canary: Buffer | null }>({ name: 'master_key_canary', text: 'select auth.master_key_canary() as canary', values: [] })
      return { wrong: row?.canary != null && !this.opens(row.canary) }
    } catch (error) {
      // The role's password is derived from the master key as well.
      return { wrong: error instanceof Error && isPasswordRefused(error.cause), cause: error }
    }
  }
}
