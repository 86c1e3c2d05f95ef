/** What a span says of itself: names, codes, numbers. Never an address, a token, or anything else of a person. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

export type SpanKind = 'server' | 'client' | 'internal' | 'consumer'

/** The span of something that ends in an event and not with a promise: a request. */
export interface OpenSpan {
  readonly traceId: string
  /** Runs `work`, and what it leads to, inside the span. */
  run(work: () => void): void
  end(facts: SpanFacts, failed: boolean): void
}

/** Spans of one process. Made by `libs/tracing` when traces are wanted; otherwise there is none, and callers do nothing at all. */
export interface Tracing {
  /** A trace of its own, or a part of the one that a `traceparent` (W3C Trace Context) names. */
  open(name: string, kind: SpanKind, facts: SpanFacts, traceparent: string | null): OpenSpan
  /** The same around a promise. */
  root<T>(name: string, kind: SpanKind, facts: SpanFacts, traceparent: string | null, work: () => Promise<T>): Promise<T>
  /** Below the span that the caller is in. Outside of any, as in a loop that only looks whether there is work, `work` runs without one. */
  child<T>(name: string, kind: SpanKind, facts: SpanFacts, work: () => Promise<T>): Promise<T>
  /** An event on the span that the caller is in. */
  note(name: string, facts: SpanFacts): void
  /** Of the span that the caller is in, for who goes on with it elsewhere; `null`: in none, or it is not kept. */
  traceparent(): string | null
}

let current: Tracing | null = null

/** Of this process; `null` (the default): no traces. A check for `null` is all that they cost then. */
export function tracing(): Tracing | null {
  return current
}

export function installTracing(made: Tracing | null): void {
  current = made
}
