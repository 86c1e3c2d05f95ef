/** Why an outbound call did not give an answer. The message never holds the address that was called. */
export type OutboundProblem = 'not_allowed' | 'unreachable' | 'too_slow' | 'too_large' | 'busy'

export class OutboundError extends Error {
  constructor(
    readonly problem: OutboundProblem,
    options?: { cause?: unknown },
  ) {
    super(`The outbound call failed: ${problem}.`, options)
    this.name = 'OutboundError'
  }
}
