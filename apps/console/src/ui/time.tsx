import { useEffect, useState } from 'react'
import { exactTime, relativeTime } from '../lib/format.js'

const TICK_MS = 30_000

/** How long ago, in the reader's words; the exact instant on hover. */
export function Time({ at, fallback = 'never' }: { at: string | null | undefined; fallback?: string }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  if (!at) return <span className="text-faint">{fallback}</span>
  const date = new Date(at)
  return (
    <time dateTime={at} title={exactTime(date)} className="whitespace-nowrap">
      {relativeTime(date)}
    </time>
  )
}
