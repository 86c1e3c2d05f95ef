import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { organizationQuery, rolesQuery } from '../../api/organizations.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { useDenied } from '../../api/use-denied.js'
import { CopyId } from '../../ui/copy.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { OrganizationRoles } from '../organizations/organization-roles.js'
import { Invitations } from './invitations.js'
import { Members } from './members.js'
import { OrganizationActions } from './organization-actions.js'
import { SetupLinks } from './setup-links.js'
import { OrganizationMetadata } from './organization-metadata.js'

export default function OrganizationPage() {
  const { projectId, organizationId } = useParams({ strict: false }) as { projectId: string; organizationId: string }
  const denied = useDenied(PERMISSIONS.manageUsers)
  const { data: organization, error, refetch } = useQuery(organizationQuery(projectId, organizationId))
  const roles = useQuery(rolesQuery(projectId, organizationId))
  return (
    <Page
      title={organization?.name ?? 'Organization'}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/projects/$projectId/organizations" params={{ projectId }} className="inline-flex items-center gap-1 hover:text-ink">
            <ArrowLeft className="size-3" /> Organizations
          </Link>
          {organization && <code className="font-mono text-xs">{organization.slug}</code>}
          <CopyId value={organizationId} label="organization id" short />
          {organization && organization.domains.length > 0 && <span className="break-all">{organization.domains.join(', ')}</span>}
          {organization && (
            <span>
              made <Time at={organization.createdAt} />
            </span>
          )}
        </span>
      }
      actions={organization && <OrganizationActions projectId={projectId} organization={organization} denied={denied} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !organization ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
          <div className="grid min-w-0 gap-4">
            <Members projectId={projectId} organization={organization} roles={roles.data ?? []} denied={denied} />
            <Invitations projectId={projectId} organization={organization} denied={denied} />
            <SetupLinks projectId={projectId} organizationId={organization.id} />
          </div>
          <div className="grid min-w-0 gap-4">
            {roles.data && (
              <OrganizationRoles projectId={projectId} organizationId={organizationId} roles={roles.data} denied={denied} />
            )}
            <OrganizationMetadata projectId={projectId} organization={organization} denied={denied} />
          </div>
        </div>
      )}
    </Page>
  )
}
