import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import './request-context.js'
import { serverState } from './server-state.js'

export interface Metrics {
  readonly registry: Registry
  /** A gauge that is read when the metrics are. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  /** A counter; `labels` must have few values each (no ids). */
  counter(name: string, help: string, labels?: string[]): Counter
}

/** `GET /metrics` in the Prometheus text format: the process, requests by route pattern and status, and what the caller adds. */
export function registerMetrics(server: FastifyInstance, options: { service: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  collectDefaultMetrics({ register: registry })
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({ name: 'http_requests_total', help: 'Answered requests.', labelNames, registers: [registry] })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const state = serverState(server)
  const metrics: Metrics = {
    registry,
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read())
        },
      })
    },
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: labels, registers: [registry] }),
  }
  metrics.gauge('http_requests_in_flight', 'Requests in work.', () => state.inFlight)

  state.observers.push((request, reply, status) => {
    const route = request.routeOptions.url ?? 'unmatched'
    const method = request.routeOptions.url === undefined ? 'any' : request.method
    requests.inc({ method, route, status })
    durations.observe({ method, route }, reply.elapsedTime / 1000)
  })
  server.get('/metrics', { config: { access: 'public', quiet: true } }, async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
  return metrics
}
