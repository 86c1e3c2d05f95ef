import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Directory } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { directoriesQuery } from '../../api/directories.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { OrganizationName } from '../organizations/organization-name.js'

const DirectoryForm = lazy(() => import('./directory-form.js'))

const columnsOf = (projectId: string): Column<Directory>[] => [
  {
    id: 'name',
    header: 'Directory',
    cell: (directory) => (
      <Link
        to="/projects/$projectId/directories/$directoryId"
        params={{ projectId, directoryId: directory.id }}
        className="block truncate font-medium hover:underline"
      >
        {directory.name}
      </Link>
    ),
  },
  {
    id: 'whose',
    header: 'Whose people',
    cell: ({ organizationId }) =>
      organizationId === null ? 'the project’s' : <OrganizationName projectId={projectId} organizationId={organizationId} />,
  },
  { id: 'used', header: 'Last asked', align: 'right', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
  { id: 'created', header: 'Made', align: 'right', wide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
]

export default function Directories() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.manageUsers)
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(directoriesQuery(projectId))
  return (
    <Page
      title="Directories"
      lead="A company’s identity provider keeps its people in step, by SCIM 2.0: who joins has an account, who leaves has none, and groups give roles."
      actions={
        <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          New directory
        </Button>
      }
    >
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : data.length === 0 ? (
          <Empty
            title="No directory yet"
            sdk={
              `const directory = await portico.directories.create('${projectId}', { name: 'Entra', organizationId: organization.id })\n` +
              `const { token } = await portico.directories.createToken('${projectId}', directory.id)\n` +
              '// both go into the identity provider:\nconsole.log(directory.scimUrl, token)'
            }
            curl={
              `curl ${location.origin}/api/v1/projects/${projectId}/directories -H "authorization: Bearer $PORTICO_API_KEY" \\\n` +
              `  -H 'content-type: application/json' -d '{"name":"Entra"}'`
            }
          >
            Make one for an organization, copy its address and a token into Entra, Okta or whatever speaks SCIM, and nobody types a list of
            people again. Who is deactivated there is signed out here within a second.
          </Empty>
        ) : (
          <DataTable label="Directories" columns={columnsOf(projectId)} rows={data} rowId={({ id }) => id} />
        )}
      </div>
      {adding && (
        <Suspense>
          <DirectoryForm projectId={projectId} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}
