import pg from 'pg'
import { isPasswordRefused, type RolePasswords } from './role-passwords.js'

type Done = (error: Error | undefined, client: pg.PoolClient | undefined, release: (error?: boolean | Error) => void) => void

/** The host answers and takes no writes: a standby, or a primary that became one. */
class ReadOnlyHostError extends Error {
  readonly code = '25006'
  constructor() {
    super('the host takes no writes')
  }
}

/** Sent first on a connection to one of several hosts. */
export async function requireWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ read_only: string }>(`select current_setting('transaction_read_only') as read_only`)
  if (rows[0]?.read_only !== 'off') throw new ReadOnlyHostError()
}

/** The connection was not made, or not to a host that takes writes: another one may. A pool with nothing left to give is something else. */
export function isOfHost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return /^(E[A-Z]+|57P0[123]|25006)$/.test(code)
  return /connection timeout|terminated unexpectedly/i.test(error.message)
}

/**
 * A pool over several hosts: new connections go to the host that took the last one, and to the next when it is away or takes no writes.
 * What is open to a host that failed over ends by itself: its writes are refused (25006), and such connections are not kept.
 */
export class HostsPool extends pg.Pool {
  readonly #urls: readonly string[]
  readonly #passwords: RolePasswords | undefined
  #chosen = 0

  constructor(config: pg.PoolConfig, urls: readonly string[], passwords: RolePasswords | undefined) {
    super({ ...config, connectionString: urls[0], ...(passwords && { passwords }) } as pg.PoolConfig)
    this.#urls = urls
    this.#passwords = passwords
  }

  override connect(): Promise<pg.PoolClient>
  override connect(done: Done): void
  override connect(done?: Done): Promise<pg.PoolClient> | void {
    // Each host once, and each password once more at the host that is there.
    const tries = this.#urls.length + (this.#passwords?.count ?? 0)
    if (done) return this.#try(done, tries)
    return new Promise((succeed, fail) => {
      this.#try((error, client) => (client ? succeed(client) : fail(error)), tries)
    })
  }

  #try(done: Done, left: number): void {
    const tried = this.#chosen
    const password = this.#passwords?.current
    super.connect((error, client, release) => {
      if (left > 0 && password !== undefined && isPasswordRefused(error)) {
        this.#passwords?.refused(password)
        return this.#try(done, left - 1)
      }
      if (left === 0 || !isOfHost(error)) return done(error, client, release)
      // Of many connections that failed at the same host, the first moves on.
      if (tried === this.#chosen) this.#chosen = (this.#chosen + 1) % this.#urls.length
      this.options.connectionString = this.#urls[this.#chosen]
      this.#try(done, left - 1)
    })
  }
}
