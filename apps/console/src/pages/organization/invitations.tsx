import { useQuery } from '@tanstack/react-query'
import type { OrganizationInvitation } from '@portico/sdk'
import { organizationKey, useOrganizationAction } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import type { PartProps } from './members.js'

/** Asked, and not here yet. */
export function Invitations({ projectId, organization, denied }: PartProps) {
  const { data, error, refetch } = useQuery({
    queryKey: [...organizationKey(projectId, organization.id), 'invitations'],
    queryFn: async ({ signal }) => (await portico.organizations.invitations(projectId, organization.id, { signal })).data,
  })
  const revoke = useOrganizationAction(
    projectId,
    (invitation: OrganizationInvitation) => portico.organizations.revoke(projectId, organization.id, invitation.id),
    (_done, { email }) => `The invitation of ${email} is void`,
  )
  return (
    <Card title="Invitations" flush>
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={1} />
      ) : data.length === 0 ? (
        <p className="px-4 py-3 text-sm text-soft">None is open.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((invitation) => (
            <li key={invitation.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
              <span className="min-w-0 flex-1 truncate font-medium">{invitation.email}</span>
              <Badge>{invitation.role}</Badge>
              <span className="text-xs text-soft">
                ends <Time at={invitation.expiresAt} />
              </span>
              <Button
                className="h-7 px-2 text-xs"
                busy={revoke.isPending && revoke.variables.id === invitation.id}
                onClick={() => revoke.mutate(invitation)}
                deniedBecause={denied}
                aria-label={`Revoke the invitation of ${invitation.email}`}
              >
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
