/** A client of `pg`, as far as this needs one: one connection, not a pool. */
export interface SqlClient {
  query(text: string, values?: unknown[]): PromiseLike<unknown>
}

/** A client that a pool handed out, until it is released. */
export interface PooledClient {
  release(error?: Error | boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
}

/** A pool of `pg`: hands out clients. */
export interface SqlPool<Client extends SqlClient> {
  connect(): Promise<Client & PooledClient>
  readonly totalCount: number
}

export interface WithClaimsOptions {
  /**
   * The role to work as. Row security does not hold back superusers, `bypassrls` roles, nor (unless forced) the tables' owner:
   * name a plain role here when your app connects as one of those.
   */
  role?: string
}

/**
 * Runs `work` in a transaction in which `auth.uid()` and `auth.jwt()` (rls.sql) answer for these claims; commits when it returns, rolls
 * back when it throws. Everything is set for the transaction only, so that nothing is left on the connection, not even behind a pooler in
 * transaction mode. Give a pool, or a client that is not in a transaction. `claims` must come from `verifyToken`: the author of the claims
 * acts as that user.
 */
export async function withClaims<Client extends SqlClient, T>(
  database: Client | SqlPool<Client>,
  claims: { sub: string; [claim: string]: unknown },
  work: (client: Client) => Promise<T>,
  options: WithClaimsOptions = {},
): Promise<T> {
  if (typeof claims.sub !== 'string' || claims.sub === '') throw new TypeError('withClaims: the claims need a sub.')
  if (!isPool(database)) return inTransaction(database, claims, work, options)
  const client = await database.connect()
  let broken: Error | undefined
  const onLost = (error: Error) => (broken = error)
  // A pool listens to idle clients only. Without this, a server that ends the connection between two statements ends the app.
  client.on?.('error', onLost)
  try {
    return await inTransaction<Client, T>(client, claims, work, options, (error) => (broken = error))
  } finally {
    // A connection whose rollback failed may still be inside the transaction: it is closed, not reused.
    client.release(broken)
    client.off?.('error', onLost)
  }
}

async function inTransaction<Client extends SqlClient, T>(
  client: Client,
  claims: { sub: string; [claim: string]: unknown },
  work: (client: Client) => Promise<T>,
  { role }: WithClaimsOptions,
  onBroken: (error: Error) => void = () => {},
): Promise<T> {
  try {
    await client.query('begin')
    // The third argument makes each a `set local`. `role` is set the same way, so that its name needs no quoting.
    const organization = typeof claims['org_id'] === 'string' ? claims['org_id'] : ''
    const said = "set_config('request.jwt.claims', $1, true), set_config('jwt.claims.sub', $2, true), set_config('jwt.claims.org_id', $3, true)"
    await client.query(`select ${said}${role === undefined ? '' : `, set_config('role', $4, true)`}`, [
      JSON.stringify(claims),
      claims.sub,
      organization,
      ...(role === undefined ? [] : [role]),
    ])
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    try {
      await client.query('rollback')
    } catch (rollbackError) {
      onBroken(rollbackError as Error)
    }
    throw error
  }
}

function isPool<Client extends SqlClient>(database: Client | SqlPool<Client>): database is SqlPool<Client> {
  return 'connect' in database && 'totalCount' in database
}
