import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { Organization } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { organizationsKey, rolesQuery } from '../../api/organizations.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { authQuery, useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { SearchInput } from '../../ui/field.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { sortingOf, sortOf } from '../../ui/sorting.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { OrganizationRoles } from './organization-roles.js'

const OrganizationForm = lazy(() => import('./organization-form.js'))
const PAGE_SIZE = 50

const columnsOf = (projectId: string): Column<Organization>[] => [
  {
    id: 'name',
    header: 'Name',
    sortable: true,
    cell: (organization) => (
      <Link
        to="/projects/$projectId/organizations/$organizationId"
        params={{ projectId, organizationId: organization.id }}
        className="block min-w-0"
      >
        <span className="block truncate font-medium hover:underline">{organization.name}</span>
        <span className="block truncate text-xs text-faint">{organization.slug}</span>
      </Link>
    ),
  },
  {
    id: 'domains',
    header: 'Mail domains',
    wide: true,
    cell: ({ domains }) => <span className="block max-w-64 truncate text-faint">{domains.join(', ')}</span>,
  },
  { id: 'id', header: 'Id', wide: true, cell: ({ id }) => <CopyId value={id} short label="organization id" /> },
  { id: 'created_at', header: 'Created', sortable: true, align: 'right', cell: ({ createdAt }) => <Time at={createdAt} /> },
]

export default function Organizations() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.manageUsers)
  const search = useSearch({ strict: false }) as { q?: string; sort?: string }
  const navigate = useNavigate()
  const [adding, setAdding] = useState(false)
  const [text, setText] = useState(search.q ?? '')
  const wanted = useDebounced(text.trim())
  const cursors = useCursors(JSON.stringify([wanted, search.sort]))
  const sorting = sortingOf(search.sort ?? '-created_at')
  const query = {
    limit: PAGE_SIZE,
    ...(wanted && { search: wanted }),
    ...(search.sort && { sort: search.sort as 'name' }),
    ...(cursors.cursor !== undefined && { cursor: cursors.cursor }),
  }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...organizationsKey(projectId), 'list', query],
    queryFn: async ({ signal }) => await portico.organizations.list(projectId, query, { signal }),
    placeholderData: keepPreviousData,
  })
  const auth = useQuery(authQuery(projectId))
  const roles = useQuery(rolesQuery(projectId))
  const nothingYet = data?.data.length === 0 && wanted === '' && cursors.cursor === undefined
  return (
    <Page
      title="Organizations"
      lead="The companies among the people of this app: who belongs to which, and what each may do there."
      actions={
        <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          New organization
        </Button>
      }
    >
      <div className="grid grid-cols-1 gap-4">
        {auth.data?.settings.organizations === 'off' && (
          <Note title="People do not see organizations yet">
            The setting <em>Organizations</em> is off. They can be prepared here meanwhile.{' '}
            <Link to="/projects/$projectId/sign-in" params={{ projectId }} className="text-accent underline">
              Sign-in settings
            </Link>
          </Note>
        )}
        <section className="grid gap-3" aria-label="All organizations">
          <div className="w-full sm:w-80">
            <SearchInput
              label="Name, slug or mail domain"
              value={text}
              onChange={(event) => {
                setText(event.target.value)
                void navigate({ to: '.', search: { ...search, q: event.target.value || undefined }, replace: true })
              }}
            />
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
                title="No organization yet"
                sdk={`await portico.organizations.create('${projectId}', { name: 'Acme', adminId: user.id })`}
              >
                People make them in the app, or you make one here and invite its first admin. Tokens then say in which organization somebody
                works, and with which role.
              </Empty>
            ) : data.data.length === 0 ? (
              <Empty title="None matches">The search finds a part of a name, the beginning of a slug, or a proven mail domain.</Empty>
            ) : (
              <>
                <DataTable
                  label="Organizations"
                  columns={columnsOf(projectId)}
                  rows={data.data}
                  rowId={({ id }) => id}
                  stale={isPlaceholderData}
                  sorting={sorting}
                  onSortingChange={(update) =>
                    void navigate({ to: '.', search: { ...search, sort: sortOf(update, sorting) }, replace: true })
                  }
                />
                <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={data.page.total} shown={data.data.length} />
              </>
            )}
          </div>
        </section>
        {roles.data && <OrganizationRoles projectId={projectId} roles={roles.data} denied={denied} />}
      </div>
      {adding && (
        <Suspense>
          <OrganizationForm projectId={projectId} organization={null} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}
