import { useQuery } from '@tanstack/react-query'
import { sum, tenantStatsQuery } from '../api/stats.js'
import { count } from '../lib/format.js'
import { Tile } from '../ui/tile.js'

/** What anybody may see who reaches a console that is opened by a token: numbers, no people. */
export function Counts() {
  const { data, error } = useQuery(tenantStatsQuery('24h'))
  if (error) return null
  return (
    <div className="grid grid-cols-2 gap-3">
      <Tile name="Projects" value={data && count(data.totals.projects)} />
      <Tile name="People" value={data && count(data.totals.people)} />
      <Tile name="Active today" value={data && count(data.totals.activeToday)} />
      <Tile name="Sign-ins in 24 hours" value={data && count(sum(data.buckets, ({ signIns }) => signIns))} />
    </div>
  )
}
