import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Instance } from '@portico/sdk'
import { portico } from '../../api/portico.js'
import { useProjectId } from '../../api/project.js'
import { Badge } from '../../ui/badge.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'

const PAGE_SIZE = 50
const WATCH_MS = 10_000

const COLUMNS: Column<Instance>[] = [
  {
    id: 'name',
    header: 'Instance',
    cell: (one) => (
      <span className="block min-w-0">
        <span className="block truncate font-medium">{one.name ?? 'unnamed'}</span>
        <CopyId value={one.id} short label="instance id" />
      </span>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: (one) => (one.live ? <Badge tone="good">running</Badge> : one.endedAt ? <Badge>ended</Badge> : <Badge tone="warn">silent</Badge>),
  },
  {
    id: 'version',
    header: 'Environment',
    cell: (one) => (
      <span className="flex flex-wrap items-center gap-1.5">
        v{one.envVersion}
        {one.live && !one.current && (
          <Badge tone="warn" title="A boot now would get newer values">
            restart for the newest
          </Badge>
        )}
      </span>
    ),
  },
  {
    id: 'reads',
    header: 'Reads',
    wide: true,
    cell: (one) => <span className="block truncate font-mono text-xs text-soft">{one.reads?.join(', ') ?? 'not said'}</span>,
  },
  {
    id: 'metadata',
    header: 'Metadata',
    wide: true,
    cell: (one) => (
      <span className="block truncate font-mono text-xs text-soft">
        {Object.keys(one.metadata).length ? JSON.stringify(one.metadata) : ''}
      </span>
    ),
  },
  { id: 'booted', header: 'Started', wide: true, cell: (one) => <Time at={one.bootedAt} /> },
  { id: 'seen', header: 'Heard of', align: 'right', cell: (one) => <Time at={one.lastSeenAt} /> },
]

export default function Instances() {
  const projectId = useProjectId()
  const { show } = useSearch({ strict: false }) as { show?: string }
  const navigate = useNavigate()
  const live = show !== 'all'
  const cursors = useCursors(String(live))
  const query = { limit: PAGE_SIZE, ...(live && { live }), ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['project', projectId, 'instances', query],
    queryFn: async ({ signal }) => await portico.instances.list(projectId, query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
  })
  return (
    <Page
      title="Instances"
      lead="Every booted process of the app, and which environment it runs on."
      actions={
        <Select
          aria-label="Which"
          value={live ? 'live' : 'all'}
          onChange={(event) =>
            void navigate({
              to: '/projects/$projectId/instances',
              params: { projectId },
              search: event.target.value === 'all' ? { show: 'all' } : {},
              replace: true,
            })
          }
        >
          <option value="live">Running</option>
          <option value="all">All</option>
        </Select>
      }
    >
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows />
        ) : data.data.length === 0 ? (
          <Empty
            title="Nothing runs"
            sdk={`const { env } = await portico.instances.boot('${projectId}', { name: 'web-1' })\n// start the process with env, then a heartbeat every 30 s`}
            curl={`portico run --project ${projectId} -- node server.js`}
          >
            An instance is a process that was started with this project’s environment. The command line makes one of any command.
          </Empty>
        ) : (
          <>
            <DataTable label="Instances" columns={COLUMNS} rows={data.data} rowId={(one) => one.id} stale={isPlaceholderData} />
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={data.page.total} shown={data.data.length} />
          </>
        )}
      </div>
    </Page>
  )
}
