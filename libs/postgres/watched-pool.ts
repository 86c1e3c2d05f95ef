import type pg from 'pg'
import { HostsPool } from './hosts-pool.js'
import { REQUEST_LIMIT_MS } from './server-watch.js'
import type { Watched, WatchedClient } from './watched-client.js'

type Done = (error: Error | undefined, client: pg.PoolClient | undefined, release: (error?: boolean | Error) => void) => void

/** The connection, or a timeout; one that comes too late goes back to the pool. */
async function within(limitMs: number, connecting: Promise<pg.PoolClient>): Promise<pg.PoolClient> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((done) => {
    timer = setTimeout(done, limitMs, null)
  })
  const client = await Promise.race([connecting, late]).finally(() => clearTimeout(timer))
  if (client !== null) return client
  void connecting.then((unused) => unused.release()).catch(() => undefined)
  throw new Error('timeout: no connection in time')
}

async function handOver(connecting: Promise<pg.PoolClient>, done: Done): Promise<void> {
  let client: pg.PoolClient
  try {
    client = await connecting
  } catch (error) {
    done(error as Error, undefined, () => undefined)
    return
  }
  done(undefined, client, (error) => client.release(error))
}

/**
 * Connections of the pool are waited for no longer than the watch says. Those from before the server was lost are not handed out: most are
 * dead, and each would have to be found out by a caller's wait.
 */
export function watchPool(pool: pg.Pool, { watch, probe }: Watched): void {
  const open: () => Promise<pg.PoolClient> = pool.connect.bind(pool)
  const several = pool instanceof HostsPool
  const trusted = async (begunAt: number, limit: number): Promise<pg.PoolClient> => {
    for (;;) {
      const left = limit - (watch.now() - begunAt)
      // The pool's own limit is for one host and one try.
      const client = await (several || left < REQUEST_LIMIT_MS ? within(Math.max(left, 1), open()) : open())
      if ((client as unknown as WatchedClient).answeredSince(watch.lostAt)) return client
      client.release(true)
    }
  }
  const connect = async (): Promise<pg.PoolClient> => {
    const begunAt = watch.now()
    const limit = watch.limitMs(begunAt, probe)
    const budget = watch.begin(begunAt)
    try {
      const client = await trusted(begunAt, limit)
      // A connection of the pool is no answer of the server, and one that a pooler takes is none either.
      watch.end(budget, begunAt, false)
      return client
    } catch (error) {
      watch.end(budget, begunAt, false)
      watch.failed({ begunAt, limit, connecting: true }, error)
      throw error
    }
  }
  pool.connect = ((done?: Done) => {
    const connecting = connect()
    if (!done) return connecting
    void handOver(connecting, done)
  }) as pg.Pool['connect']
}
