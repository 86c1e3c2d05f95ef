import type { INestApplication } from '@nestjs/common'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { fastifyOf, serverState } from './server-state.js'

export interface StopOptions {
  logger: Logger
  /** Servers to drain; a process without one leaves it empty. */
  apps: readonly (INestApplication | FastifyInstance)[]
  /** Run in order once no request is in work: stop workers, close pools. */
  onStop?: readonly { name: string; run: () => Promise<unknown> | unknown }[]
  /** How long readiness is off before connections are refused, so that balancers notice (500 ms). */
  drainMs?: number
  /** How long requests in work may take to finish (10 s). */
  inFlightMs?: number
  /** When the process ends in any case (14.5 s; promised: 15 s). */
  deadlineMs?: number
  /** Whether a second signal ends the process at once (true). Not where a primary passes on what its whole group was sent. */
  secondSignalLeaves?: boolean
  /** For tests; ends the process by default. */
  exit?: (code: number) => void
}

const leaveAtOnce = (): void => process.exit(0)

/**
 * Until `stopGracefully` takes over, a process that is told to stop ends: nothing is in its hands yet. The kernel does not do it for
 * process 1 of a container, and a worker waits for its database for as long as that is away.
 */
export function stopWhileStarting(): void {
  process.on('SIGTERM', leaveAtOnce)
  process.on('SIGINT', leaveAtOnce)
}

/**
 * Stops on SIGTERM and SIGINT: readiness off, a short wait, no new connections, requests in work finished, hooks, exit 0.
 * A second signal, or the deadline, exits 1 at once. Answers a function that starts the same stop.
 */
export function stopGracefully(options: StopOptions): (reason: string) => Promise<void> {
  const { logger } = options
  const exit = options.exit ?? ((code: number) => process.exit(code))
  let stopping: Promise<void> | null = null

  const stop = (reason: string): Promise<void> => {
    stopping ??= run(reason)
    return stopping
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping && options.secondSignalLeaves !== false) {
      logger.warn({ signal }, 'second signal, leaving at once')
      exit(1)
      return
    }
    void stop(signal)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.off(signal, leaveAtOnce)
    process.on(signal, onSignal)
  }

  async function run(reason: string): Promise<void> {
    logger.info({ reason }, 'stopping')
    const deadline = setTimeout(() => {
      logger.error('could not stop in time')
      exit(1)
    }, options.deadlineMs ?? 14_500)
    deadline.unref()
    const servers = options.apps.map(fastifyOf)
    for (const server of servers) serverState(server).stopping = true
    if (servers.length > 0) await sleep(options.drainMs ?? 500)
    const cut = setTimeout(() => {
      logger.warn('cutting requests that did not finish')
      for (const server of servers) server.server.closeAllConnections()
    }, options.inFlightMs ?? 10_000)
    // Node closes only connections that are idle at that moment: one whose answer ends later stays until its keep-alive time,
    // and one that never sent a request (browsers open spare ones) until its header time.
    const sweep = setInterval(() => {
      for (const server of servers) {
        if (serverState(server).inFlight === 0) server.server.closeAllConnections()
        else server.server.closeIdleConnections()
      }
    }, 100)
    let failed = false
    for (const app of options.apps) failed = (await attempt('http', () => app.close())) || failed
    clearInterval(sweep)
    clearTimeout(cut)
    for (const hook of options.onStop ?? []) failed = (await attempt(hook.name, hook.run)) || failed
    clearTimeout(deadline)
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    logger.info({ clean: !failed }, 'stopped')
    exit(failed ? 1 : 0)
  }

  /** Whether the step failed; the steps after it run all the same. */
  async function attempt(name: string, step: () => Promise<unknown> | unknown): Promise<boolean> {
    try {
      await step()
      return false
    } catch (error) {
      logger.error({ step: name, err: error }, 'a step of the stop failed')
      return true
    }
  }

  return stop
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
