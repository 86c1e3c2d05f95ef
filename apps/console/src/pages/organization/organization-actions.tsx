import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Organization } from '@portico/sdk'
import { Pencil, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { organizationsKey } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { toast } from '../../ui/toast.js'

const OrganizationForm = lazy(() => import('../organizations/organization-form.js'))

export function OrganizationActions({
  projectId,
  organization,
  denied,
}: {
  projectId: string
  organization: Organization
  denied: string | false
}) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'change' | 'delete' | null>(null)
  const remove = async () => {
    await portico.organizations.delete(projectId, organization.id)
    await navigate({ to: '/projects/$projectId/organizations', params: { projectId } })
    await client.invalidateQueries({ queryKey: organizationsKey(projectId) })
    toast.done(`${organization.name} is deleted`)
  }
  return (
    <>
      <Button icon={<Pencil className="size-3.5" />} onClick={() => setOpen('change')} deniedBecause={denied}>
        Change
      </Button>
      <Button icon={<Trash2 className="size-3.5" />} onClick={() => setOpen('delete')} deniedBecause={denied}>
        Delete
      </Button>
      {open === 'change' && (
        <Suspense>
          <OrganizationForm projectId={projectId} organization={organization} onClose={() => setOpen(null)} />
        </Suspense>
      )}
      <ConfirmByName
        open={open === 'delete'}
        onClose={() => setOpen(null)}
        title="Delete the organization"
        name={organization.name}
        action="Delete for good"
        run={remove}
      >
        Its people keep their accounts, and belong to it no longer. Its invitations, roles, mail domains, single sign-on connections,
        directories and set-up links go with it.
      </ConfirmByName>
    </>
  )
}
