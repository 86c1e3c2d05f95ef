/** Full jitter: anywhere up to the doubled ceiling, so that clients who failed together do not return together. */
export const backoffMs = (attempt: number, ceilingMs: number) => Math.random() * Math.min(ceilingMs, 500 * 2 ** attempt)

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** `Retry-After` in seconds, from its number or date form; `null` when absent or unreadable. */
export function retryAfterSeconds(header: string | null): number | null {
  if (header === null) return null
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000))
}
