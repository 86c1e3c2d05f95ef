import { isPasswordRefused } from '@portico/postgres/role-passwords'
import type { PlatformSql } from './platform-sql.js'

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
    const wrong = await this.#isWrong()
    if (wrong && !this.#wrong) this.onWrong()
    this.#wrong = wrong
    if (wrong) throw new Error('wrong master key')
  }

  async #isWrong(): Promise<boolean> {
    try {
      const [row] = await this.sql.run<{ canary: Buffer | null }>({ name: 'master_key_canary', text: 'select auth.master_key_canary() as canary', values: [] })
      return row?.canary != null && !this.opens(row.canary)
    } catch (error) {
      // The role's password is derived from the master key as well.
      return error instanceof Error && isPasswordRefused(error.cause)
    }
  }
}
