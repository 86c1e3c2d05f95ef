import type { EnvReader } from './read-env.js'

/** How the address of a refused sign-in, and its client's, stand in the log and in audit rows. */
export type AttemptedAddresses = (typeof ATTEMPTED_ADDRESSES)[number]

export interface ObservabilityConfig {
  /** Spans are sent to an OpenTelemetry collector. */
  traces: boolean
  attemptedAddresses: AttemptedAddresses
  /** How many projects have figures of their own on the metrics page: the busiest ones. */
  topProjects: number
}

const ATTEMPTED_ADDRESSES = ['plain', 'hashed', 'none'] as const

/** The rest of OTEL_* is read by OpenTelemetry's own library. */
export function readObservability(reader: EnvReader): ObservabilityConfig {
  return {
    traces: reader.httpUrl('OTEL_EXPORTER_OTLP_ENDPOINT', null) !== null,
    attemptedAddresses: reader.oneOf('PORTICO_ATTEMPTED_ADDRESSES', ATTEMPTED_ADDRESSES, 'hashed'),
    topProjects: reader.integer('PORTICO_METRICS_TOP_PROJECTS', { min: 0, max: 100, fallback: 0 }),
  }
}
