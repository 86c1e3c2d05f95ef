import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TenantStats } from '@portico/sdk'
import { portico } from '../../api/portico.js'
import { count } from '../../lib/format.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Tile } from '../../ui/tile.js'
import { TimeChart } from '../../ui/time-chart.js'
import { ByProject } from './by-project.js'
import { UsageTable } from './usage-table.js'

const MONTHS = 12
const WATCH_MS = 60_000
const NAME = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** The first instant of the month that was so many months ago, in UTC as the counters are. */
const monthsAgo = (months: number, now = new Date()) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1))
const nameOf = (month: string) => NAME.format(new Date(`${month}-01T00:00:00Z`))
const monthOf = (at: Date) => at.toISOString().slice(0, 7)

export default function Usage() {
  const search = useSearch({ strict: false }) as { month?: string }
  const navigate = useNavigate()
  const choices = Array.from({ length: MONTHS }, (_, i) => monthOf(monthsAgo(i)))
  const at = Math.max(0, choices.indexOf(search.month ?? ''))
  const [from, to] = [monthsAgo(at), monthsAgo(at - 1)]
  const chosen = choices[at] ?? monthOf(from)
  const months = useQuery({
    queryKey: ['usage', 'months'],
    queryFn: async ({ signal }) =>
      (await portico.usage.list({ groupBy: 'tenant', interval: 'month', from: monthsAgo(MONTHS - 1), limit: MONTHS }, { signal })).data,
    refetchInterval: WATCH_MS,
  })
  const days = useQuery({
    queryKey: ['usage', 'days', chosen],
    queryFn: ({ signal }): Promise<TenantStats> =>
      portico.stats.ofTenant({ from, ...(at > 0 && { to }), interval: 'day' }, { signal }),
    refetchInterval: WATCH_MS,
  })
  const rows = months.data?.toSorted((a, b) => b.period.localeCompare(a.period))
  const row = rows?.find(({ period }) => period === chosen)
  const shown = (value: number | null | undefined) => (rows ? count(value ?? 0) : undefined)
  return (
    <Page
      title="Usage"
      lead={
        'What the projects used, by months of UTC. Counted exactly, but for the seconds of hashing, which are at least so many; ' +
        'a month that is over changes no more.'
      }
      wide
      actions={
        <Select
          aria-label="Month"
          value={chosen}
          onChange={(event) => void navigate({ to: '/usage', search: { month: event.target.value } as never, replace: true })}
        >
          {choices.map((month) => (
            <option key={month} value={month}>
              {nameOf(month)}
            </option>
          ))}
        </Select>
      }
    >
      {months.error ? (
        <ErrorNote error={months.error} retry={() => void months.refetch()} />
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Tile name="Active people" value={shown(row?.activePeople)} note="each once per project" />
            <Tile name="Sign-ups" value={shown(row?.signUps)} note={nameOf(chosen)} />
            <Tile name="Sign-ins" value={shown(row?.signIns)} note={nameOf(chosen)} />
            <Tile name="Mail sent" value={shown(row?.mails.sent)} note={nameOf(chosen)} />
          </div>
          <Card title="Active people by day" lead="Who used a session on a day.">
            <TimeChart
              label="Active people by day"
              stats={days.data}
              by={(buckets) =>
                buckets.some(({ activePeople }) => activePeople)
                  ? [{ name: 'people', values: buckets.map(({ activePeople }) => activePeople ?? 0), mostly: 'highest' }]
                  : []
              }
            />
          </Card>
          <ByProject month={{ from: from.toISOString(), to: to.toISOString() }} title={nameOf(chosen)} />
          <Card title="All projects, by month" flush>
            {rows ? (
              <UsageTable label="By month" first="Month" rows={rows} name={({ period }) => nameOf(period)} />
            ) : (
              <SkeletonRows rows={4} />
            )}
          </Card>
        </div>
      )}
    </Page>
  )
}
