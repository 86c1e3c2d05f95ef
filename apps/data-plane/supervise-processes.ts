import cluster, { type Worker } from 'node:cluster'
import { METRICS_PORT, type DataPlaneConfig } from '@portico/config/data-plane-config'
import { clusterMetrics } from '@portico/http/cluster-metrics'
import { createMetricsServer, listenForMetrics } from '@portico/http/metrics-server'
import type { Logger } from '@portico/http/request-log'
import { RestartDelay } from './restart-delay.js'

/** What the primary says to a process that is to finish its requests and end. */
export const STOP = 'stop'
/** A little more than a process takes at the most; promised are 15 s. */
const STOP_DEADLINE_MS = 14_800

/**
 * Several processes on one port, for machines with several cores: each is a whole data plane with pools, caches and a change feed of its
 * own, as separate machines would be, so every promise between processes holds between these. The primary holds the port open, shows their
 * figures as one, starts another for one that ends, and serves nothing itself.
 */
export async function superviseProcesses(config: DataPlaneConfig, logger: Logger): Promise<void> {
  const running = new Set<Worker>()
  const serving = new Set<Worker>()
  let restarts = 0
  let stopping = false
  const metricsServer = createMetricsServer(
    clusterMetrics('data-plane', () => serving, [
      { name: 'portico_processes', help: 'Processes of the data plane that take connections.', read: () => serving.size },
      { name: 'portico_process_restarts', help: 'Processes that ended and were started again.', read: () => restarts },
    ]),
    logger,
  )
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  await listenForMetrics(metricsServer, config.metrics, METRICS_PORT, logger)

  // They accept for themselves. Handed out by the primary in turn (SCHED_RR), a connection on its way to a process that is killed is held
  // for ever: nobody answers it and nobody closes it.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  await Promise.all(Array.from({ length: config.processes }, () => keepRunning(new RestartDelay())))
  logger.info({ public_url: config.publicUrl, processes: config.processes }, 'data plane ready')

  /** Resolves when the first one listens, rejects when it ends before that; later ones are replaced for as long as it takes. */
  function keepRunning(delay: RestartDelay): Promise<void> {
    return new Promise((ready, fail) => {
      const start = (): void => {
        if (stopping) return
        const worker = cluster.fork()
        const startedAt = performance.now()
        running.add(worker)
        worker.once('listening', () => {
          serving.add(worker)
          ready()
        })
        worker.once('exit', (code: number | null, signal: string | null) => {
          running.delete(worker)
          serving.delete(worker)
          if (stopping) return
          const delayMs = delay.after(performance.now() - startedAt)
          logger.error({ process: worker.id, code, signal, restart_in_ms: delayMs }, 'a process of the data plane ended')
          // Without effect once it was ready.
          fail(new Error('a process of the data plane ended before it was ready'))
          restarts += 1
          setTimeout(start, delayMs)
        })
      }
      start()
    })
  }

  function stop(signal: NodeJS.Signals): void {
    if (stopping) {
      logger.warn({ signal }, 'second signal, leaving at once')
      for (const worker of running) worker.process.kill('SIGKILL')
      process.exit(1)
    }
    stopping = true
    logger.info({ reason: signal, processes: running.size }, 'stopping')
    const deadline = setTimeout(() => {
      logger.error('could not stop in time')
      for (const worker of running) worker.process.kill('SIGKILL')
      process.exit(1)
    }, STOP_DEADLINE_MS)
    void Promise.all([...running].map(ended)).then(async (clean) => {
      await metricsServer.close()
      clearTimeout(deadline)
      logger.info({ clean: clean.every(Boolean) }, 'stopped')
      process.exit(clean.every(Boolean) ? 0 : 1)
    })
  }

  /** Whether it ended as it should. */
  function ended(worker: Worker): Promise<boolean> {
    return new Promise((done) => {
      worker.once('exit', (code: number | null) => done(code === 0))
      if (worker.isConnected()) worker.send(STOP)
    })
  }
}
