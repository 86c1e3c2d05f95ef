import { tracing } from '@portico/kernel/tracing'

/**
 * Goes behind `begin`: what the transaction's events came from, for the webhooks that tell of them (`traceparent` of the audit tables).
 * Empty outside of a trace.
 */
export function traced(): string {
  const traceparent = tracing()?.traceparent() ?? null
  // Hexadecimal by construction (`libs/tracing`), and looked at because it stands in the text.
  return traceparent !== null && /^[0-9a-f-]+$/.test(traceparent) ? `; set local portico.traceparent = '${traceparent}'` : ''
}
