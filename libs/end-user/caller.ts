/** Who calls, as audit rows and sessions keep it. */
export interface Caller {
  ip: string | null
  userAgent: string | null
  /** What the log calls the request. */
  requestId?: string | undefined
  /** Aborted when the client has disconnected. */
  readonly signal?: AbortSignal | undefined
}

/** The part of an audit row that says what a user did to the account; an action on a part of the account names that part after it. */
export function byUser(userId: string, caller: Caller) {
  const { ip, userAgent } = caller
  return { actor: { type: 'end_user', id: userId }, resource: 'end_user', resourceId: userId, ip, userAgent } as const
}
