import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { Directory } from '@portico/sdk'
import { ArrowLeft, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { directoryQuery, useDirectoryAction } from '../../api/directories.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { OrganizationName } from '../organizations/organization-name.js'
import { DirectoryLog } from './directory-log.js'
import { DirectoryRoles } from './directory-roles.js'
import { DirectorySteps } from './directory-steps.js'
import { Tokens } from './tokens.js'

export default function DirectoryPage() {
  const { projectId, directoryId } = useParams({ strict: false }) as { projectId: string; directoryId: string }
  const denied = useDenied(PERMISSIONS.manageUsers)
  const { data: directory, error, refetch } = useQuery(directoryQuery(projectId, directoryId))
  return (
    <Page
      title={directory?.name ?? 'Directory'}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/projects/$projectId/directories" params={{ projectId }} className="inline-flex items-center gap-1 hover:text-ink">
            <ArrowLeft className="size-3" /> Directories
          </Link>
          {directory && (
            <span>
              last asked <Time at={directory.lastUsedAt} />
            </span>
          )}
          {directory && directory.organizationId !== null && (
            <OrganizationName projectId={projectId} organizationId={directory.organizationId} />
          )}
          <CopyId value={directoryId} label="directory id" short />
        </span>
      }
      actions={directory && <Remove projectId={projectId} directory={directory} denied={denied} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !directory ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
            <DirectorySteps directory={directory} />
            <div className="grid min-w-0 grid-cols-1 gap-4">
              <Tokens projectId={projectId} directoryId={directory.id} denied={denied} />
              {directory.organizationId !== null && (
                <DirectoryRoles projectId={projectId} directory={directory} organizationId={directory.organizationId} denied={denied} />
              )}
            </div>
          </div>
          <DirectoryLog projectId={projectId} directoryId={directory.id} />
        </div>
      )}
    </Page>
  )
}

function Remove({ projectId, directory, denied }: { projectId: string; directory: Directory; denied: string | false }) {
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useDirectoryAction(
    projectId,
    async () => {
      await portico.directories.delete(projectId, directory.id)
      await navigate({ to: '/projects/$projectId/directories', params: { projectId } })
    },
    () => 'The directory is removed',
    () => undefined,
  )
  return (
    <>
      <Button look="quiet" icon={<Trash2 className="size-3.5" />} onClick={() => setAsking(true)} deniedBecause={denied}>
        Remove
      </Button>
      <ConfirmByName
        open={asking}
        onClose={() => setAsking(false)}
        title="Remove the directory"
        name={directory.name}
        action="Remove it"
        run={() => remove.mutateAsync(undefined)}
      >
        Its tokens and its log are gone, and the identity provider changes nothing here any more. Its people stay, as they are now.
      </ConfirmByName>
    </>
  )
}
