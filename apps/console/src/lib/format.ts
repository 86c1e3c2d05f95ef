const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const EXACT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
})
const ZONED = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short', hour: 'numeric' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const COUNT = new Intl.NumberFormat('en')
const SHORT_COUNT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 min. ago`, `in 2 days`; a date once it is older than a month. */
export function relativeTime(at: Date, now = new Date()): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000)
  if (Math.abs(seconds) < 45) return seconds > 5 ? 'in a moment' : 'just now'
  if (Math.abs(seconds) > 30 * 86_400) return DAY.format(at)
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['minute', 60]
  return RELATIVE.format(Math.round(seconds / size), unit)
}

/** The instant in the reader's zone, and in UTC for the log line it will be compared with. */
export function exactTime(at: Date): string {
  const zone = ZONED.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return `${EXACT.format(at)} ${zone} · ${at.toISOString()}`
}

export const dayOf = (at: Date): string => DAY.format(at)
export const count = (value: number): string => COUNT.format(value)
export const shortCount = (value: number): string => (value < 10_000 ? COUNT.format(value) : SHORT_COUNT.format(value))

/** `30 days`, `1 hour`, `90 s`: the largest unit that says it whole. */
export function duration(seconds: number): string {
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${COUNT.format(seconds / size)} ${unit}${seconds === size ? '' : 's'}`
  }
  return `${COUNT.format(seconds)} s`
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`
