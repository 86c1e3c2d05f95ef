import { useQuery } from '@tanstack/react-query'
import type { TenantStats } from '@portico/sdk'
import { portico } from '../../api/portico.js'
import { count } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { saveFile } from '../../lib/save-file.js'
import { Time } from '../../ui/time.js'
import { Tile } from '../../ui/tile.js'
import { TimeChart } from '../../ui/time-chart.js'
import { MonthTable } from './month-table.js'
import { byMonth, asCsv, type Month } from './months.js'

const MONTHS = 6
const WATCH_MS = 60_000

/** The first instant of the month that was so many months ago, in UTC as the counters are. */
const monthsAgo = (months: number, now = new Date()) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1))

export default function Usage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['stats', 'usage'],
    queryFn: ({ signal }): Promise<TenantStats> =>
      portico.stats.ofTenant({ from: monthsAgo(MONTHS - 1), interval: 'day' }, { signal }),
    refetchInterval: WATCH_MS,
  })
  const months = data && byMonth(data.buckets)
  const now = months?.[0]
  const thisMonth = data && { ...data, buckets: data.buckets.filter(({ start }) => start >= monthsAgo(0).toISOString()) }
  const of = (pick: (month: Month) => number) => now && count(pick(now))
  return (
    <Page
      title="Usage"
      lead={
        data?.asOf ? (
          <>
            All projects together, by days and months of UTC. Every event until <Time at={data.asOf} /> is in it.
          </>
        ) : (
          'All projects together, by days and months of UTC.'
        )
      }
      actions={
        <Button
          disabled={!months}
          onClick={() => months && saveFile('portico-usage.csv', [asCsv(months)], 'text/csv')}
        >
          Export
        </Button>
      }
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Tile
              name="Active people"
              value={data && count(data.totals.activeThisMonth)}
              note={data && `this month; ${count(data.totals.activeToday)} today`}
            />
            <Tile name="People" value={data && count(data.totals.people)} note={data && `in ${count(data.totals.projects)} projects`} />
            <Tile name="Sign-ins" value={of(({ signIns }) => signIns)} note="this month" />
            <Tile name="Mail sent" value={of(({ mails }) => mails)} note="this month" />
          </div>
          <Card title="Active people" lead="Who used a session on a day, each once per project; this month.">
            <TimeChart
              label="Active people by day"
              stats={thisMonth}
              by={(buckets) =>
                buckets.some(({ activePeople }) => activePeople)
                  ? [{ name: 'people', values: buckets.map(({ activePeople }) => activePeople ?? 0), mostly: 'highest' }]
                  : []
              }
            />
          </Card>
          <Card title="By month" lead="From counters, exactly; the current month until now." flush>
            {months ? <MonthTable months={months} /> : <SkeletonRows rows={MONTHS} />}
          </Card>
        </div>
      )}
    </Page>
  )
}
