import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, SpanKind as Kind, SpanStatusCode, TraceFlags, trace, type Context, type Span, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { installTracing, type OpenSpan, type SpanFacts, type SpanKind, type Tracing } from '@portico/kernel/tracing'
import { remoteParent } from './traceparent.js'

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  internal: Kind.INTERNAL,
  consumer: Kind.CONSUMER,
}

/**
 * Traces of this process from here on, sent to the collector at OTEL_EXPORTER_OTLP_ENDPOINT. The library reads its own variables:
 * OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and _ARG, OTEL_BSP_*. Answers what stops it: it sends what is left.
 */
export function openTracing(about: { service: string; version: string }): () => Promise<void> {
  const resource = defaultResource().merge(
    resourceFromAttributes({
      'service.name': process.env['OTEL_SERVICE_NAME'] ?? `portico-${about.service}`,
      'service.namespace': 'portico',
      'service.version': about.version,
    }),
  )
  const processor = new BatchSpanProcessor(new OTLPTraceExporter())
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] })
  installTracing(new OpenTelemetry(provider.getTracer('portico', about.version)))
  return async () => {
    installTracing(null)
    // A collector that is away is no reason to stop late.
    await provider.shutdown().catch(() => undefined)
  }
}

class OpenTelemetry implements Tracing {
  readonly #spans = new AsyncLocalStorage<Span>()

  constructor(private readonly tracer: Tracer) {}

  open(name: string, kind: SpanKind, facts: SpanFacts, traceparent: string | null): OpenSpan {
    const span = this.#start(name, kind, facts, remoteParent(traceparent))
    const spans = this.#spans
    return {
      traceId: span.spanContext().traceId,
      run: (work) => spans.run(span, work),
      end: (more, failed) => {
        span.setAttributes(more)
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      },
    }
  }

  root<T>(name: string, kind: SpanKind, facts: SpanFacts, traceparent: string | null, work: () => Promise<T>): Promise<T> {
    return this.#within(this.#start(name, kind, facts, remoteParent(traceparent)), work)
  }

  child<T>(name: string, kind: SpanKind, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
    const parent = this.#spans.getStore()
    if (!parent?.isRecording()) return work()
    return this.#within(this.#start(name, kind, facts, trace.setSpan(ROOT_CONTEXT, parent)), work)
  }

  note(name: string, facts: SpanFacts): void {
    this.#spans.getStore()?.addEvent(name, facts)
  }

  traceparent(): string | null {
    const span = this.#spans.getStore()
    if (!span?.isRecording()) return null
    const { traceId, spanId, traceFlags } = span.spanContext()
    return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`
  }

  #start(name: string, kind: SpanKind, attributes: SpanFacts, parent: Context): Span {
    return this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent)
  }

  async #within<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#spans.run(span, work)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', typeOf(error))
      throw error
    } finally {
      span.end()
    }
  }
}

/** The code, or the class: a message may hold an address, or a row. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}
