import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Registry, type Metric } from 'prom-client'
import { bounded, type LabelCounter } from './bounded-counter.js'
import './request-context.js'
import { serverState, type ServerState } from './server-state.js'
import { TopProjects } from './top-projects.js'

export interface Metrics {
  readonly registry: Registry
  /** A gauge that is read when the metrics are. Of several processes that share a port the sum is shown unless told otherwise. */
  gauge(name: string, help: string, read: () => number | Promise<number>, ofProcesses?: 'sum' | 'max' | 'min'): void
  /** A counter; `labels` should have few values each (no ids), and beyond a hundred further ones count together. */
  counter(name: string, help: string, labels: string[]): LabelCounter
}

/** Counts what the server does: the process, requests by route pattern and status, and what the caller adds. `serveMetrics` answers it. */
export function collectMetrics(server: FastifyInstance, options: { service: string; topProjects?: number }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  collectDefaultMetrics({ register: registry })
  const served = new ServedRequests(registry)
  const state = serverState(server)
  const metrics: Metrics = {
    registry,
    gauge(name, help, read, aggregator = 'sum') {
      new Gauge({
        aggregator,
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read())
        },
      })
    },
    counter: (name, help, labels) => bounded(new Counter({ name, help, labelNames: labels, registers: [registry] })),
  }
  metrics.gauge('http_requests_in_flight', 'Requests in work.', () => state.inFlight)

  state.observers.push((request, status, elapsedMs) => {
    const { url } = request.routeOptions
    if (url === undefined) served.count('any', 'unmatched', status, elapsedMs)
    else served.count(request.method, url, status, elapsedMs)
  })
  if (options.topProjects) showTopProjects(registry, state, options.topProjects)
  return metrics
}

/** Only the busiest: a series for each of a million projects would be the end of whoever scrapes them. */
function showTopProjects(registry: Registry, state: ServerState, shown: number): void {
  const busiest = new TopProjects(shown)
  state.observers.push(({ project }) => project && busiest.add(project.scope.projectId))
  new Gauge({
    name: 'portico_project_requests',
    help: 'Requests of the busiest projects since the start; of one that rose late at most too many.',
    labelNames: ['project_id'],
    registers: [registry],
    aggregator: 'sum',
    collect() {
      this.reset()
      for (const { projectId, count } of busiest.top()) this.set({ project_id: projectId }, count)
    },
  })
}

/** What `GET /metrics` answers. */
export interface MetricsText {
  readonly contentType: string
  metrics(): Promise<string>
}

/** `GET /metrics` in the Prometheus text format. Never on a public port. */
export function serveMetrics(server: FastifyInstance, source: MetricsText): void {
  server.get('/metrics', { config: { access: 'public', quiet: true } }, async (_request, reply) => {
    reply.type(source.contentType)
    return source.metrics()
  })
}

const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]

interface Series {
  labels: { method: string; route: string }
  byStatus: Map<number, number>
  /** How many were at most as slow as each of BUCKETS_MS and slower than the one before. */
  buckets: number[]
  count: number
  sumMs: number
}

/**
 * Requests by pattern and status, and how long they took. prom-client's own counter and histogram hash the labels of every observation;
 * here an answered request costs two lookups, and the text is made when somebody reads it.
 */
class ServedRequests {
  readonly #series = new Map<string, Map<string, Series>>()

  constructor(registry: Registry) {
    const counter = { name: 'http_requests_total', help: 'Answered requests.', type: 'counter', aggregator: 'sum' }
    const histogram = {
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      type: 'histogram',
      aggregator: 'sum',
    }
    registry.registerMetric({
      name: counter.name,
      get: async () => ({ ...counter, values: this.#counts() }),
      reset: () => this.#series.clear(),
    } as unknown as Metric)
    registry.registerMetric({
      name: histogram.name,
      get: async () => ({ ...histogram, values: this.#durations(histogram.name) }),
      reset: () => this.#series.clear(),
    } as unknown as Metric)
  }

  count(method: string, route: string, status: number, ms: number): void {
    const series = this.#of(method, route)
    series.byStatus.set(status, (series.byStatus.get(status) ?? 0) + 1)
    let bucket = 0
    while (bucket < BUCKETS_MS.length && ms > BUCKETS_MS[bucket]!) bucket += 1
    series.buckets[bucket]! += 1
    series.count += 1
    series.sumMs += ms
  }

  #of(method: string, route: string): Series {
    let routes = this.#series.get(method)
    if (!routes) this.#series.set(method, (routes = new Map()))
    let series = routes.get(route)
    if (!series)
      routes.set(
        route,
        (series = {
          labels: { method, route },
          byStatus: new Map(),
          buckets: Array<number>(BUCKETS_MS.length + 1).fill(0),
          count: 0,
          sumMs: 0,
        }),
      )
    return series
  }

  *#all(): Generator<Series> {
    for (const routes of this.#series.values()) yield* routes.values()
  }

  #counts() {
    return [...this.#all()].flatMap(({ labels, byStatus }) =>
      [...byStatus].map(([status, value]) => ({ labels: { ...labels, status }, value })),
    )
  }

  #durations(name: string) {
    return [...this.#all()].flatMap(({ labels, buckets, count, sumMs }) => {
      let below = 0
      const upTo = buckets.map((value, index) => ({
        metricName: `${name}_bucket`,
        labels: { le: index < BUCKETS_MS.length ? BUCKETS_MS[index]! / 1000 : '+Inf', ...labels },
        value: (below += value),
      }))
      return [...upTo, { metricName: `${name}_sum`, labels, value: sumMs / 1000 }, { metricName: `${name}_count`, labels, value: count }]
    })
  }
}
