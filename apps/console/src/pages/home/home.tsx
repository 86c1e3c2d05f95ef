import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useCan } from '../../api/session.js'
import { isRange, RANGES, seriesBy, sum, tenantStatsQuery } from '../../api/stats.js'
import { count } from '../../lib/format.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { RangeChoice } from '../../ui/range-choice.js'
import { Time } from '../../ui/time.js'
import { Tile } from '../../ui/tile.js'
import { TimeChart } from '../../ui/time-chart.js'
import { AttentionList } from './attention-list.js'
import { FirstSteps } from './first-steps.js'

export default function Home() {
  const search = useSearch({ strict: false }) as { range?: string }
  const navigate = useNavigate()
  const range = isRange(search.range) ? search.range : '24h'
  const { data, error, refetch } = useQuery(tenantStatsQuery(range))
  const mayList = useCan(PERMISSIONS.readProjects)
  const within = RANGES[range].label
  const of = (pick: Parameters<typeof sum>[1]) => data && count(sum(data.buckets, pick))
  // Counted by the worker, some moments late; whether there is a project at all is asked of the list.
  const any = useQuery({
    queryKey: ['projects', 'any'],
    queryFn: async ({ signal }) => (await portico.projects.list({ limit: 1 }, { signal })).data.length > 0,
    enabled: data?.totals.projects === 0 && mayList,
  })
  if (any.data === false) return <FirstSteps />
  const failed = data ? sum(data.buckets, ({ mails }) => mails.dead + mails.notSent) : 0
  return (
    <Page
      title="Home"
      lead={
        data?.asOf ? (
          <>
            All projects together. Counted until <Time at={data.asOf} />.
          </>
        ) : (
          'All projects together.'
        )
      }
      wide
      actions={<RangeChoice value={range} onChange={(to) => void navigate({ to: '/', search: { range: to }, replace: true })} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Tile name="Projects" value={data && count(data.totals.projects)} />
            <Tile name="People" value={data && count(data.totals.people)} note={data && `${count(data.totals.confirmed)} confirmed`} />
            <Tile
              name="Active today"
              value={data && count(data.totals.activeToday)}
              note={data && `${count(data.totals.activeThisMonth)} this month`}
            />
            <Tile name="Mail waiting" value={data && count(data.totals.mailsWaiting)} />
            <Tile name="Sign-ups" value={of(({ signUps }) => signUps)} note={within} />
            <Tile name="Sign-ins" value={of(({ signIns }) => signIns)} note={within} />
            <Tile name="Refused" value={of(({ failures }) => failures)} note={within} />
            <Tile
              name="Mail sent"
              value={of(({ mails }) => mails.sent)}
              note={failed > 0 ? <span className="text-bad">{count(failed)} not sent</span> : within}
            />
          </div>
          {data && data.attention.length > 0 && <AttentionList items={data.attention} />}
          <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
            <Card title="Sign-ins" lead="By how people came in.">
              <TimeChart
                label={`Sign-ins in ${within}`}
                stats={data}
                by={(buckets) => seriesBy(buckets, ({ signInsByMethod }) => signInsByMethod)}
              />
            </Card>
            <Card title="Sign-ups" lead="By how the account was made.">
              <TimeChart
                label={`Sign-ups in ${within}`}
                stats={data}
                by={(buckets) => seriesBy(buckets, ({ signUpsByMethod }) => signUpsByMethod)}
              />
            </Card>
            <Card title="Refused" lead="Sign-ins and codes, by the reason.">
              <TimeChart
                label={`Refusals in ${within}`}
                stats={data}
                by={(buckets) => seriesBy(buckets, ({ failuresByReason }) => failuresByReason)}
              />
            </Card>
            <Card title="Mail" lead="What became of it.">
              <TimeChart
                label={`Mails in ${within}`}
                stats={data}
                by={(buckets) =>
                  seriesBy(buckets, ({ mails }) => ({
                    sent: mails.sent,
                    'not sent': mails.notSent,
                    'given up': mails.dead,
                    skipped: mails.skipped,
                  }))
                }
              />
            </Card>
          </div>
        </div>
      )}
    </Page>
  )
}
