import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ApiKey } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { plural } from '../../lib/format.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'

const CreateKey = lazy(() => import('./create-key.js'))
const FEW = 3
const PAGE_SIZE = 50

export default function ApiKeys() {
  const denied = useDenied(PERMISSIONS.manageKeys)
  const client = useQueryClient()
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  const cursors = useCursors('')
  const query = { limit: PAGE_SIZE, ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data: page, error, refetch } = useQuery({
    queryKey: ['api-keys', query],
    queryFn: async ({ signal }) => await portico.apiKeys.list(query, { signal }),
    placeholderData: keepPreviousData,
  })
  const data = page?.data
  const revoke = async () => {
    if (!revoking) return
    await portico.apiKeys.revoke(revoking.id)
    await client.invalidateQueries({ queryKey: ['api-keys'] })
    toast.done(`${revoking.name} is revoked`)
  }
  const columns: Column<ApiKey>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: (key) => (
        <span className="block min-w-0">
          <span className="block truncate font-medium">{key.name}</span>
          <span className="font-mono text-xs text-faint">{key.prefix}…</span>
        </span>
      ),
    },
    {
      id: 'scopes',
      header: 'May',
      wide: true,
      cell: ({ scopes, readOnly, projectIds }) => (
        <span className="flex flex-wrap gap-1" title={scopes.join(', ')}>
          {readOnly && <Badge tone="good">only reads</Badge>}
          {projectIds && <Badge tone="accent">{plural(projectIds.length, 'project')}</Badge>}
          {scopes.slice(0, FEW).map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
          {scopes.length > FEW && <Badge>+{scopes.length - FEW}</Badge>}
        </span>
      ),
    },
    { id: 'used', header: 'Last used', wide: true, cell: (key) => <Time at={key.lastUsedAt} /> },
    { id: 'expires', header: 'Expires', wide: true, cell: (key) => <Time at={key.expiresAt} /> },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: (key) => (
        <Button className="h-7 px-2 text-xs" onClick={() => setRevoking(key)} deniedBecause={denied} aria-label={`Revoke ${key.name}`}>
          Revoke
        </Button>
      ),
    },
  ]
  return (
    <Page
      title="API keys"
      lead="What machines use: CI, your platform’s server, the command line. People sign in instead."
      actions={
        <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setCreating(true)} deniedBecause={denied}>
          New key
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
          <Empty title="No key" sdk={"await portico.apiKeys.create({ name: 'CI', scopes: ['projects:read', 'env:read'] })"}>
            A key is shown once, when it is made.
          </Empty>
        ) : (
          <>
            <DataTable label="API keys" columns={columns} rows={data} rowId={(key) => key.id} />
            <Pager cursors={cursors} nextCursor={page?.page.nextCursor} total={page?.page.total} shown={data.length} />
          </>
        )}
      </div>
      {creating && (
        <Suspense>
          <CreateKey onClose={() => setCreating(false)} />
        </Suspense>
      )}
      <ConfirmByName
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title="Revoke the key"
        name={revoking?.name ?? ''}
        action="Revoke it"
        run={revoke}
      >
        Whatever uses it is refused everywhere within a second.{' '}
        {revoking?.lastUsedAt && (
          <>
            It was used <Time at={revoking.lastUsedAt} />.
          </>
        )}
      </ConfirmByName>
    </Page>
  )
}
