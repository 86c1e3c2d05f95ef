import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useCan } from '../../api/session.js'
import { EventList } from '../../ui/event-list.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'

const SHOWN = 15

/** What this person did, and what was done to the account. */
export function Trail({ projectId, userId }: { projectId: string; userId: string }) {
  const may = useCan(PERMISSIONS.readAudit)
  const { data, error, refetch } = useQuery({
    queryKey: ['project', projectId, 'person', userId, 'trail'],
    queryFn: async ({ signal }) => (await portico.auditLog.list({ projectId, userId, limit: SHOWN }, { signal })).data,
    enabled: may,
  })
  if (!may) return null
  return (
    <Card
      title="What happened"
      flush
      actions={
        <Link
          to="/projects/$projectId/audit"
          params={{ projectId }}
          search={{ user: userId }}
          className="text-sm text-accent hover:underline"
        >
          All of it
        </Link>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : (
        <EventList events={data} />
      )}
    </Card>
  )
}
