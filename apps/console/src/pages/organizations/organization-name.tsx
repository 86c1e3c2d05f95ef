import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { organizationQuery } from '../../api/organizations.js'

export function OrganizationName({ projectId, organizationId }: { projectId: string; organizationId: string }) {
  const { data } = useQuery(organizationQuery(projectId, organizationId))
  return (
    <Link
      to="/projects/$projectId/organizations/$organizationId"
      params={{ projectId, organizationId }}
      className="truncate hover:underline"
    >
      {/* A link has a name also before it is known. */}
      {data?.name ?? organizationId.slice(0, 8)}
    </Link>
  )
}
