import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createHttpServer } from './http-server.js'
import { serveMetrics, type Metrics } from './metrics.js'

/**
 * A server with `GET /metrics` and nothing else, for a listener off the public ports: figures tell strangers how busy we are and with what.
 */
export function createMetricsServer(metrics: Metrics, logger: Logger): FastifyInstance {
  const server = createHttpServer({ logger })
  serveMetrics(server, metrics)
  return server
}
