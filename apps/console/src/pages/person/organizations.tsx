import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'

/** Where this person belongs, and as what. */
export function Organizations({ projectId, userId }: { projectId: string; userId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['project', projectId, 'person', userId, 'organizations'],
    queryFn: ({ signal }) => portico.users.organizations(projectId, userId, { signal }),
  })
  return (
    <Card title="Organizations" flush>
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={1} />
      ) : data.length === 0 ? (
        <p className="px-4 py-3 text-sm text-soft">Belongs to none.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map(({ id, name, role }) => (
            <li key={id} className="flex items-center gap-3 px-4 py-2 text-sm">
              <Link
                to="/projects/$projectId/organizations/$organizationId"
                params={{ projectId, organizationId: id }}
                className="min-w-0 flex-1 truncate font-medium hover:underline"
              >
                {name}
              </Link>
              <Badge>{role}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
