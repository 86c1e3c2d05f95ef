import type { TenantStats } from '@portico/sdk'
import { lazy, Suspense } from 'react'
import type { ChartSeries } from './chart.js'
import { Skeleton } from './skeleton.js'

// The library that draws is 22 KB, and comes once there is something to draw.
const Chart = lazy(() => import('./chart.js'))

type Stats = Pick<TenantStats, 'buckets' | 'interval'>

export function TimeChart({
  label,
  stats,
  by,
}: {
  label: string
  stats: Stats | undefined
  by: (buckets: Stats['buckets']) => ChartSeries[]
}) {
  const waiting = <Skeleton className="h-[208px] w-full" />
  if (!stats) return waiting
  const series = by(stats.buckets)
  if (series.length === 0) return <p className="grid h-20 place-items-center text-sm text-faint">Nothing in this time.</p>
  return (
    <Suspense fallback={waiting}>
      <Chart label={label} interval={stats.interval} times={stats.buckets.map(({ start }) => new Date(start))} series={series} />
    </Suspense>
  )
}
