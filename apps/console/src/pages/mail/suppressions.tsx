import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { SuppressedAddress } from '@portico/sdk'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'

export function Suppressions({ projectId }: { projectId: string }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const client = useQueryClient()
  const queryKey = ['project', projectId, 'suppressed']
  const { data, error, refetch } = useQuery({ queryKey, queryFn: ({ signal }) => portico.mail.suppressions(projectId, { signal }) })
  const release = useMutation({
    mutationFn: (address: string) => portico.mail.release(projectId, address),
    onSuccess: async (_done, address) => {
      await client.invalidateQueries({ queryKey })
      toast.done(`Mail to ${address} goes out again`)
    },
    onError: toast.failed,
  })
  const columns: Column<SuppressedAddress>[] = [
    { id: 'address', header: 'Address', cell: ({ address }) => <span className="block truncate font-medium">{address}</span> },
    {
      id: 'reason',
      header: 'Why',
      cell: ({ reason }) => <Badge tone="bad">{reason === 'bounced' ? 'came back for good' : 'reported as spam'}</Badge>,
    },
    { id: 'since', header: 'Since', align: 'right', wide: true, cell: ({ since }) => <Time at={since} /> },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: ({ address }) => (
        <Button
          className="h-7 px-2 text-xs"
          busy={release.isPending && release.variables === address}
          onClick={() => release.mutate(address)}
          deniedBecause={denied}
          aria-label={`Release ${address}`}
        >
          Release
        </Button>
      ),
    },
  ]
  return (
    <div className="panel">
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={3} />
      ) : data.length === 0 ? (
        <Empty title="No address is suppressed" sdk={`await portico.mail.suppressions('${projectId}')`}>
          An address whose mail came back for good, or whose owner reported one as spam, gets no more: that keeps the sender’s good name.
          Its owner ends that by proving the address, and you can release it here.
        </Empty>
      ) : (
        <DataTable label="Suppressed addresses" columns={columns} rows={data} rowId={({ address }) => address} />
      )}
    </div>
  )
}
