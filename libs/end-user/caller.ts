/** Who calls, as audit rows and sessions keep it. */
export interface Caller {
  ip: string | null
  userAgent: string | null
}
