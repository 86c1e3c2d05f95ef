import { queryOptions } from '@tanstack/react-query'
import type { ProjectStats, TenantStats } from '@portico/sdk'
import { portico } from './portico.js'

export type Range = '24h' | '7d' | '30d'
export const RANGES: Record<Range, { label: string; seconds: number; interval: 'hour' | 'day' }> = {
  '24h': { label: '24 hours', seconds: 86_400, interval: 'hour' },
  '7d': { label: '7 days', seconds: 7 * 86_400, interval: 'day' },
  '30d': { label: '30 days', seconds: 30 * 86_400, interval: 'day' },
}
export const isRange = (text: string | undefined): text is Range => text !== undefined && text in RANGES

const WATCH_MS = 15_000
const queryOf = (range: Range) => ({
  from: new Date(Date.now() - RANGES[range].seconds * 1000),
  interval: RANGES[range].interval,
})

export const tenantStatsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['stats', range],
    queryFn: ({ signal }): Promise<TenantStats> => portico.stats.ofTenant(queryOf(range), { signal }),
    refetchInterval: WATCH_MS,
  })

export const projectStatsQuery = (projectId: string, range: Range) =>
  queryOptions({
    queryKey: ['project', projectId, 'stats', range],
    queryFn: ({ signal }): Promise<ProjectStats> => portico.stats.ofProject(projectId, queryOf(range), { signal }),
    refetchInterval: WATCH_MS,
  })

type Bucket = TenantStats['buckets'][number]

export const sum = (buckets: readonly Bucket[], of: (bucket: Bucket) => number): number =>
  buckets.reduce((total, bucket) => total + of(bucket), 0)

const NAMES: Record<string, string> = { oauth: 'providers', email_otp: 'mailed code', magic_link: 'mailed link' }

/** One series for each name that occurs, the most frequent first; what is beyond six is one series. */
export function seriesBy(buckets: readonly Bucket[], of: (bucket: Bucket) => Record<string, number>): { name: string; values: number[] }[] {
  const totals = new Map<string, number>()
  for (const bucket of buckets) for (const [name, n] of Object.entries(of(bucket))) totals.set(name, (totals.get(name) ?? 0) + n)
  const names = [...totals]
    .filter(([, n]) => n > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name]) => name)
  const [shown, others] = [names.slice(0, 5), names.slice(5)]
  const series = shown.map((name) => ({
    name: NAMES[name] ?? name.replaceAll('_', ' '),
    values: buckets.map((bucket) => of(bucket)[name] ?? 0),
  }))
  if (others.length === 0) return series
  return [...series, { name: 'other', values: buckets.map((bucket) => others.reduce((total, name) => total + (of(bucket)[name] ?? 0), 0)) }]
}
