import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { Project } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { portico } from '../../api/portico.js'
import { useCan } from '../../api/session.js'
import { PERMISSIONS, whyNot } from '../../api/permissions.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { SearchInput, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { sortingOf, sortOf } from '../../ui/sorting.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { useDebounced } from '../../lib/use-debounced.js'

const CreateProject = lazy(() => import('./create-project.js'))

const PAGE_SIZE = 50

const COLUMNS: Column<Project>[] = [
  {
    id: 'name',
    header: 'Name',
    sortable: true,
    cell: (project) => (
      <Link to="/projects/$projectId" params={{ projectId: project.id }} className="block min-w-0">
        <span className="block truncate font-medium">{project.name}</span>
        <span className="block truncate text-xs text-faint">{project.slug}</span>
      </Link>
    ),
  },
  { id: 'id', header: 'Id', wide: true, cell: (project) => <CopyId value={project.id} short label="project id" /> },
  {
    id: 'external',
    header: 'Your id',
    wide: true,
    cell: ({ externalProjectId }) =>
      externalProjectId ? <CopyId value={externalProjectId} label="your id" /> : <span className="text-faint">none</span>,
  },
  {
    id: 'kind',
    header: 'Kind',
    wide: true,
    cell: ({ resourceType, archivedAt }) => (
      <span className="flex gap-1">
        <Badge>{resourceType}</Badge>
        {archivedAt && <Badge tone="warn">archived</Badge>}
      </span>
    ),
  },
  { id: 'created_at', header: 'Created', sortable: true, align: 'right', cell: (project) => <Time at={project.createdAt} /> },
]

export default function Projects() {
  const search = useSearch({ strict: false }) as { q?: string; status?: string; sort?: string; create?: string }
  const navigate = useNavigate()
  const [text, setText] = useState(search.q ?? '')
  const wanted = useDebounced(text.trim())
  const archived = search.status === 'archived'
  const cursors = useCursors(JSON.stringify([wanted, archived, search.sort]))
  const mayCreate = useCan(PERMISSIONS.createProjects)
  const query = {
    limit: PAGE_SIZE,
    ...(wanted && { search: wanted }),
    ...(archived && { archived }),
    ...(search.sort && { sort: search.sort as 'name' }),
    ...(cursors.cursor !== undefined && { cursor: cursors.cursor }),
  }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['projects', query],
    queryFn: async ({ signal }) => await portico.projects.list(query, { signal }),
    placeholderData: keepPreviousData,
  })
  const sorting = sortingOf(search.sort ?? '-created_at')
  const change = (to: Record<string, string | undefined>) => void navigate({ to: '/projects', search: { ...search, ...to }, replace: true })
  const nothingYet = data?.data.length === 0 && wanted === '' && !archived

  return (
    <Page
      title="Projects"
      lead="One project is one app: its own people, keys and settings, walled off from every other."
      actions={
        <Button
          look="primary"
          icon={<Plus className="size-4" />}
          onClick={() => change({ create: '1' })}
          deniedBecause={!mayCreate && whyNot(PERMISSIONS.createProjects)}
        >
          New project
        </Button>
      }
    >
      <div className="mb-3 flex flex-wrap gap-2">
        <div className="w-full sm:w-80">
          <SearchInput
            label="Search by name or slug"
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              change({ q: event.target.value })
            }}
          />
        </div>
        <Select
          aria-label="Status"
          value={archived ? 'archived' : 'live'}
          onChange={(event) => change({ status: event.target.value === 'archived' ? 'archived' : undefined })}
        >
          <option value="live">Live</option>
          <option value="archived">Archived</option>
        </Select>
      </div>
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows />
        ) : nothingYet ? (
          <Empty
            title="The first project"
            action={
              <Button
                look="primary"
                onClick={() => change({ create: '1' })}
                deniedBecause={!mayCreate && whyNot(PERMISSIONS.createProjects)}
              >
                New project
              </Button>
            }
            sdk={
              'const portico = new Portico()\nconst project = await portico.projects.create({ name: "Blue Bakery" })\nawait portico.projects.auth.enable(project.id)'
            }
            curl={`curl ${location.origin}/api/v1/projects -H "authorization: Bearer $PORTICO_API_KEY" \\\n  -H 'content-type: application/json' -d '{"name":"Blue Bakery"}'`}
          >
            A platform usually makes one for each app that it builds, with its API key. This is the same call.
          </Empty>
        ) : data.data.length === 0 ? (
          <Empty title="No project matches">
            Search looks at names, slugs and ids. {archived ? 'Archived projects are purged after 30 days.' : ''}
          </Empty>
        ) : (
          <>
            <DataTable
              label="Projects"
              columns={COLUMNS}
              rows={data.data}
              rowId={(project) => project.id}
              stale={isPlaceholderData}
              sorting={sorting}
              onSortingChange={(update) => change({ sort: sortOf(update, sorting) })}
            />
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={data.page.total} shown={data.data.length} />
          </>
        )}
      </div>
      {search.create === '1' && (
        <Suspense>
          <CreateProject onClose={() => change({ create: undefined })} />
        </Suspense>
      )}
    </Page>
  )
}
