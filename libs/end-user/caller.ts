/** Who calls, as audit rows and sessions keep it. */
export interface Caller {
  ip: string | null
  userAgent: string | null
  /** Aborted when the client has disconnected. */
  readonly signal?: AbortSignal | undefined
}
