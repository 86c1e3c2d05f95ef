import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { DirectoryEvent } from '@portico/sdk'
import { directoriesKey } from '../../api/directories.js'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { CopyId } from '../../ui/copy.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'

const PAGE_SIZE = 25
const WATCH_MS = 10_000
const WORDS: Record<string, string> = { POST: 'made', PUT: 'replaced', PATCH: 'changed', DELETE: 'removed' }

const columnsOf = (projectId: string): Column<DirectoryEvent>[] => [
  {
    id: 'what',
    header: 'What was asked',
    cell: ({ method, resource, detail, status }) => (
      <span className="block min-w-0">
        <span className="block truncate">
          {resource === 'User' ? 'A person' : 'A group'} {status < 400 ? 'was' : 'was to be'} {WORDS[method] ?? method}
        </span>
        {detail && <span className={`block text-xs whitespace-normal ${status < 400 ? 'text-soft' : 'text-bad'}`}>{detail}</span>}
      </span>
    ),
  },
  {
    id: 'whom',
    header: 'Whom',
    wide: true,
    cell: ({ resource, resourceId }) =>
      resourceId === null ? (
        <span className="text-faint">–</span>
      ) : resource === 'User' ? (
        <Link to="/projects/$projectId/people/$userId" params={{ projectId, userId: resourceId }} className="font-mono text-xs hover:underline">
          {resourceId.slice(0, 8)}…
        </Link>
      ) : (
        <CopyId value={resourceId} short label="group id" />
      ),
  },
  { id: 'status', header: 'Answer', cell: ({ status }) => <Badge tone={status < 400 ? 'good' : 'bad'}>{status}</Badge> },
  { id: 'at', header: 'When', align: 'right', cell: ({ createdAt }) => <Time at={createdAt} /> },
]

/** What the identity provider asked to change in the last 30 days, and why something was refused. */
export function DirectoryLog({ projectId, directoryId }: { projectId: string; directoryId: string }) {
  const search = useSearch({ strict: false }) as { log?: string; idp?: string }
  const navigate = useNavigate()
  const refused = search.log === 'refused'
  const cursors = useCursors(String(refused))
  const query = { limit: PAGE_SIZE, ...(refused && { refused }), ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...directoriesKey(projectId), directoryId, 'log', query],
    queryFn: async ({ signal }) => await portico.directories.log(projectId, directoryId, query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
  })
  return (
    <Card
      title="Log"
      lead="What was asked to change in the last 30 days."
      flush
      actions={
        <Select
          aria-label="Which"
          value={refused ? 'refused' : ''}
          onChange={(event) => void navigate({ to: '.', search: { ...search, log: event.target.value || undefined }, replace: true })}
        >
          <option value="">All</option>
          <option value="refused">Refused</option>
        </Select>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : data.data.length === 0 ? (
        <p className="px-4 py-6 text-sm text-soft">
          {refused ? 'Nothing was refused.' : 'The identity provider has not asked for anything yet.'}
        </p>
      ) : (
        <>
          <DataTable label="Log" columns={columnsOf(projectId)} rows={data.data} rowId={({ id }) => id} stale={isPlaceholderData} />
          <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={undefined} shown={data.data.length} />
        </>
      )}
    </Card>
  )
}
