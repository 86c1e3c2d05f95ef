import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { projectStatsQuery, RANGES, seriesBy, type Range } from '../../api/stats.js'
import { count } from '../../lib/format.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { RangeChoice } from '../../ui/range-choice.js'
import { Tile } from '../../ui/tile.js'
import { TimeChart } from '../../ui/time-chart.js'

/** Who came in, and of those who joined, how far they got. */
export function Activity({ projectId }: { projectId: string }) {
  const [range, setRange] = useState<Range>('7d')
  const { data, error, refetch } = useQuery(projectStatsQuery(projectId, range))
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  const { totals, funnel } = data ?? {}
  const steps: [string, number][] = funnel
    ? [
        ['Signed up', funnel.signedUp],
        ['Confirmed the address', funnel.confirmed],
        ['Signed in', funnel.signedIn],
      ]
    : []
  return (
    <>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Tile name="People" value={totals && count(totals.people)} note={totals && `${count(totals.confirmed)} confirmed`} />
        <Tile
          name="Active today"
          value={totals && count(totals.activeToday)}
          note={totals && `${count(totals.activeThisMonth)} this month`}
        />
        <Tile name="Open sessions" value={totals && count(totals.openSessions)} />
        <Tile name="Disabled" value={totals && count(totals.disabled)} />
      </div>
      <Card title="Sign-ins" actions={<RangeChoice value={range} onChange={setRange} />}>
        <TimeChart
          label={`Sign-ins in ${RANGES[range].label}`}
          stats={data}
          by={(buckets) => seriesBy(buckets, ({ signInsByMethod }) => signInsByMethod)}
        />
      </Card>
      <Card title="From sign-up to first sign-in" lead={`Of the people who joined in ${RANGES[range].label}.`}>
        <ol className="grid gap-2">
          {steps.map(([name, n]) => (
            <li key={name} className="grid grid-cols-[9rem_1fr_auto] items-center gap-3 text-sm">
              <span className="text-soft">{name}</span>
              <span className="h-2 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
                <span
                  className="block h-full rounded-full bg-accent-solid"
                  style={{ width: `${funnel?.signedUp ? (n / funnel.signedUp) * 100 : 0}%` }}
                />
              </span>
              <span>
                {count(n)}
                <span className="ml-1.5 text-xs text-faint">{funnel?.signedUp ? `${Math.round((n / funnel.signedUp) * 100)} %` : ''}</span>
              </span>
            </li>
          ))}
        </ol>
      </Card>
    </>
  )
}
