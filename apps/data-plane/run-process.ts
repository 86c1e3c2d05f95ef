import cluster from 'node:cluster'
import { METRICS_PORT, type DataPlaneConfig } from '@portico/config/data-plane-config'
import { lowerThreadPoolPriority } from '@portico/crypto/thread-pool-priority'
import { offerMetrics } from '@portico/http/cluster-metrics'
import { stopGracefully, stopWhileStarting } from '@portico/http/graceful-stop'
import { listenForMetrics } from '@portico/http/metrics-server'
import type { Logger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { VERSION } from '@portico/kernel/version'
import { createDataPlane } from './plane.js'
import { STOP } from './supervise-processes.js'

/** The whole data plane: alone, or as one of several that a primary looks after. */
export async function runProcess(config: DataPlaneConfig, logger: Logger): Promise<void> {
  const alone = cluster.isPrimary
  if (alone) stopWhileStarting()
  const stopTraces = config.observability.traces
    ? (await import('@portico/tracing/open-tracing')).openTracing({ service: 'data-plane', version: VERSION })
    : () => undefined
  const plane = await createDataPlane({ config, logger })
  const stop = stopGracefully({
    logger,
    apps: alone ? [plane.app, plane.metricsServer] : [plane.app],
    onStop: [...plane.stopSteps, { name: 'traces', run: stopTraces }],
    secondSignalLeaves: alone,
  })
  // Said, not signalled: a terminal and systemd signal every process of the group as well.
  process.on('message', (message) => void (message === STOP && stop('the primary stops')))
  await lowerThreadPoolPriority()
  if (alone) await listenForMetrics(plane.metricsServer, config.metrics, METRICS_PORT, logger)
  else offerMetrics(plane.metrics)
  const { url } = await listen(plane.app, config.listen)
  const about = {
    url,
    public_url: config.publicUrl,
    email: config.emailConfigured ? 'configured' : 'not_configured',
    limits: config.redisUrl === null ? 'postgres' : 'redis',
  }
  if (alone) logger.info(about, 'data plane ready')
  else logger.info({ ...about, process: cluster.worker?.id }, 'a process of the data plane is ready')
}
