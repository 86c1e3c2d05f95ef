import pg from 'pg'
import { isPasswordRefused, type RolePasswords } from './role-passwords.js'

type Done = (error: Error | undefined, client: pg.PoolClient | undefined, release: (error?: boolean | Error) => void) => void

/** A pool whose new connections try the role's other password when one is refused: nobody is refused while the master key is rotated. */
export class RolePool extends pg.Pool {
  readonly #passwords: RolePasswords

  constructor(config: pg.PoolConfig, passwords: RolePasswords) {
    super({ ...config, passwords } as pg.PoolConfig)
    this.#passwords = passwords
  }

  override connect(): Promise<pg.PoolClient>
  override connect(done: Done): void
  override connect(done?: Done): Promise<pg.PoolClient> | void {
    // Once more than there are passwords: the role's may change between two tries.
    if (done) return this.#try(done, this.#passwords.count)
    return new Promise((succeed, fail) => {
      this.#try((error, client) => (client ? succeed(client) : fail(error)), this.#passwords.count)
    })
  }

  #try(done: Done, left: number): void {
    const tried = this.#passwords.current
    super.connect((error, client, release) => {
      if (left === 0 || !isPasswordRefused(error)) return done(error, client, release)
      this.#passwords.refused(tried)
      this.#try(done, left - 1)
    })
  }
}
