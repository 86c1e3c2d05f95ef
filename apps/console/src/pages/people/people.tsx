import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { RowSelectionState } from '@tanstack/react-table'
import { UserPlus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { authQuery, useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Button } from '../../ui/button.js'
import { SearchInput } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { sortingOf, sortOf } from '../../ui/sorting.js'
import { DataTable } from '../../ui/table.js'
import { BulkBar } from './bulk-bar.js'
import { ColumnChooser, columnsOf, useColumns } from './columns.js'
import { ExportPeople } from './export-people.js'
import { NobodyFound, NobodyYet } from './nobody.js'
import { filterOf, PeopleFilters, type PeopleSearch } from './people-filters.js'

const AddPerson = lazy(() => import('./add-person.js'))
const PAGE_SIZE = 50

export default function People() {
  const projectId = useProjectId()
  const search = useSearch({ strict: false }) as PeopleSearch & { q?: string; sort?: string; add?: string }
  const navigate = useNavigate()
  const denied = useDenied(PERMISSIONS.manageUsers)
  const [text, setText] = useState(search.q ?? '')
  const wanted = useDebounced(text.trim())
  const [visibility, setVisibility] = useColumns()
  const [selection, setSelection] = useState<RowSelectionState>({})
  const filter = { ...filterOf(search), ...(wanted && { search: wanted }) }
  // Not the one that waits for the next letter: what is exported is what stands in the field.
  const typed = { ...filterOf(search), ...(text.trim() && { search: text.trim() }) }
  const cursors = useCursors(JSON.stringify([filter, search.sort]))
  const query = {
    ...filter,
    ...(search.sort && { sort: search.sort as '-created_at' }),
    limit: PAGE_SIZE,
    ...(cursors.cursor !== undefined && { cursor: cursors.cursor }),
  }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['project', projectId, 'people', query],
    queryFn: async ({ signal }) => await portico.users.list(projectId, query, { signal }),
    placeholderData: keepPreviousData,
  })
  const auth = useQuery(authQuery(projectId))
  const change = (to: Record<string, string | undefined>) =>
    void navigate({ to: '/projects/$projectId/people', params: { projectId }, search: { ...search, ...to }, replace: true })
  const sorting = sortingOf(search.sort ?? '-created_at')
  const nothingYet = data?.data.length === 0 && Object.keys(filter).length === 0 && cursors.cursor === undefined

  const selected = data?.data.filter((user) => selection[user.id]) ?? []
  return (
    <Page
      title="People"
      lead="Everybody who has an account in this app."
      wide
      actions={
        <>
          <ExportPeople projectId={projectId} filter={typed} />
          <Button look="primary" icon={<UserPlus className="size-4" />} onClick={() => change({ add: '1' })} deniedBecause={denied}>
            Add
          </Button>
        </>
      }
    >
      <div className="mb-3 flex flex-wrap gap-2">
        <div className="w-full sm:w-72">
          <SearchInput
            label="Beginning of an address, @domain or id"
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              change({ q: event.target.value })
            }}
          />
        </div>
        <PeopleFilters search={search} onChange={change} ways={auth.data?.settings.providers ?? []} />
        <ColumnChooser visibility={visibility} onChange={setVisibility} />
      </div>
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={10} />
        ) : nothingYet ? (
          <NobodyYet projectId={projectId} authUrl={auth.data?.authUrl ?? null} />
        ) : data.data.length === 0 && !data.page.nextCursor ? (
          <NobodyFound />
        ) : (
          <>
            {selected.length > 0 && <BulkBar projectId={projectId} selected={selected} onDone={() => setSelection({})} />}
            <DataTable
              label="People"
              columns={columnsOf(projectId)}
              rows={data.data}
              rowId={(user) => user.id}
              rowName={(user) => user.email}
              stale={isPlaceholderData}
              visibility={visibility}
              sorting={sorting}
              onSortingChange={(update) => change({ sort: sortOf(update, sorting) })}
              {...(denied === false && { selection, onSelectionChange: setSelection })}
            />
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={data.page.total} shown={data.data.length} />
          </>
        )}
      </div>
      {search.add && denied === false && (
        <Suspense>
          <AddPerson projectId={projectId} onClose={() => change({ add: undefined })} />
        </Suspense>
      )}
    </Page>
  )
}
