import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createHttpServer } from './http-server.js'
import { serveMetrics, type MetricsText } from './metrics.js'

/**
 * Listens; where the usual port is taken, as by a second installation on one machine, on any free one: nothing of the service depends on
 * it. A port that was chosen and is taken ends the start, as any other would.
 */
export async function listenForMetrics(
  server: FastifyInstance,
  at: { host: string; port: number },
  usualPort: number,
  logger: Logger,
): Promise<void> {
  try {
    await server.listen(at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || at.port !== usualPort) throw error
    const address = await server.listen({ host: at.host, port: 0 })
    logger.warn({ usual_port: usualPort, address }, 'the usual port for metrics is taken')
  }
}

/**
 * A server with `GET /metrics` and nothing else, for a listener off the public ports: figures tell strangers how busy we are and with what.
 */
export function createMetricsServer(metrics: MetricsText, logger: Logger): FastifyInstance {
  const server = createHttpServer({ logger })
  serveMetrics(server, metrics)
  return server
}
