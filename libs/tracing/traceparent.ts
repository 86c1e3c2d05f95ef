import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api'

/** W3C Trace Context, 3.2: later versions may go on after the flags. All zeroes name nothing. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

/** The span of somebody else that is to be the parent; the root when the header names none. */
export function remoteParent(header: string | null): Context {
  const found = header === null ? null : TRACEPARENT.exec(header)
  if (!found) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = found
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true })
}
