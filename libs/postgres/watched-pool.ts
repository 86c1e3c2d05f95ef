import { AsyncResource } from 'node:async_hooks'
import type pg from 'pg'
import { HostsPool } from './hosts-pool.js'
import { REQUEST_LIMIT_MS } from './server-watch.js'
import type { Watched, WatchedClient } from './watched-client.js'

type Done = (error: Error | undefined, client: pg.PoolClient | undefined, release: (error?: boolean | Error) => void) => void

/**
 * Connections of the pool are waited for no longer than the watch says. Those from before the server was lost are not handed out: most are
 * dead, and each would have to be found out by a caller's wait.
 */
export function watchPool(pool: pg.Pool, { watch, probe }: Watched): void {
  const open: (done: Done) => void = pool.connect.bind(pool)
  const several = pool instanceof HostsPool
  const isOld = (client: pg.PoolClient): boolean => !(client as unknown as WatchedClient).answeredSince(watch.lostAt)

  const take = (done: (error: Error | undefined, client: pg.PoolClient | undefined) => void): void => {
    const begunAt = watch.now()
    let limit: number
    try {
      limit = watch.limitMs(begunAt, { probe, connecting: true })
    } catch (error) {
      process.nextTick(done, error, undefined)
      return
    }
    const budget = watch.begin(begunAt)
    // Called by whoever gives a connection back, and what the caller goes on with is on its own budget.
    const resumed = budget === undefined ? done : AsyncResource.bind(done)
    let timer: NodeJS.Timeout | undefined
    let over = false
    const settle = (error: Error | undefined, client: pg.PoolClient | undefined): void => {
      // One that comes too late goes back to the pool.
      if (over) return client?.release()
      over = true
      clearTimeout(timer)
      // A connection of the pool is no answer of the server, and one that a pooler takes is none either.
      watch.end(budget, begunAt, false)
      if (error) watch.failed({ begunAt, limit, connecting: true }, error)
      resumed(error, client)
    }
    const attempt = (): void =>
      open((error, client) => {
        if (!client || !isOld(client)) return settle(error, client)
        client.release(true)
        if (!over) attempt()
      })
    // The pool's own limit is for one host and one try.
    if (several || limit < REQUEST_LIMIT_MS) timer = setTimeout(() => settle(new Error('timeout: no connection in time'), undefined), limit)
    attempt()
  }

  pool.connect = ((done?: Done) => {
    if (done) return take((error, client) => done(error, client, (reason) => client?.release(reason)))
    return new Promise<pg.PoolClient>((succeed, fail) => {
      take((error, client) => (client ? succeed(client) : fail(error)))
    })
  }) as pg.Pool['connect']
}
