import { useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import type { EndUser } from '@portico/sdk'
import { Ban, Eraser, KeyRound, LogOut, Mail, MoreHorizontal, ShieldAlert, Trash2, UserCheck } from 'lucide-react'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { usePersonAction } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { plural } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js'
import { toast } from '../../ui/toast.js'
import { EraseDialog } from './erase-dialog.js'
import { EvictDialog } from './evict-dialog.js'

export function PersonActions({ projectId, user }: { projectId: string; user: EndUser }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const client = useQueryClient()
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'evict' | 'delete' | 'erase' | 'factors' | null>(null)
  const close = () => setDialog(null)
  const recover = usePersonAction(
    projectId,
    user.id,
    () => portico.users.sendRecovery(projectId, user.id),
    ({ delivery }) =>
      delivery === 'queued'
        ? `A recovery mail is on its way to ${user.email}`
        : 'Accepted, but no mail provider is set up: nothing is sent',
  )
  const signOut = usePersonAction(
    projectId,
    user.id,
    () => portico.users.endSessions(projectId, user.id),
    (ended) => `${plural(ended, 'session')} ended`,
  )
  const disable = usePersonAction(
    projectId,
    user.id,
    () => (user.disabled ? portico.users.enable(projectId, user.id) : portico.users.disable(projectId, user.id)),
    ({ disabled }) => (disabled ? `${user.email} is disabled; every session ended` : `${user.email} may sign in again`),
  )
  const gone = () => {
    void client.invalidateQueries({ queryKey: ['project', projectId, 'people'] })
    void navigate({ to: '/projects/$projectId/people', params: { projectId } })
  }
  const remove = async () => {
    await portico.users.delete(projectId, user.id)
    toast.done(`${user.email} is deleted`)
    gone()
  }
  const resetFactors = async () => {
    const { factorsRemoved, sessionsEnded } = await portico.users.resetFactors(projectId, user.id)
    await client.invalidateQueries({ queryKey: ['project', projectId, 'person', user.id] })
    toast.done(`${plural(factorsRemoved, 'factor')} removed, ${plural(sessionsEnded, 'session')} ended`)
  }
  return (
    <>
      <Button
        icon={<Mail className="size-3.5" />}
        busy={recover.isPending}
        onClick={() => recover.mutate(undefined)}
        deniedBecause={denied}
      >
        Send recovery mail
      </Button>
      <Button
        icon={user.disabled ? <UserCheck className="size-3.5" /> : <Ban className="size-3.5" />}
        busy={disable.isPending}
        onClick={() => disable.mutate(undefined)}
        deniedBecause={denied}
      >
        {user.disabled ? 'Enable' : 'Disable'}
      </Button>
      {denied ? (
        <Button aria-label="More actions" deniedBecause={denied} className="px-2">
          <MoreHorizontal className="size-4" />
        </Button>
      ) : (
        <Menu
          trigger={
            <Button aria-label="More actions" className="px-2">
              <MoreHorizontal className="size-4" />
            </Button>
          }
        >
          <MenuItem icon={<LogOut className="size-3.5" />} onClick={() => signOut.mutate(undefined)}>
            Sign out everywhere
          </MenuItem>
          <MenuItem icon={<KeyRound className="size-3.5" />} onClick={() => setDialog('factors')}>
            Reset second factors …
          </MenuItem>
          <MenuItem icon={<ShieldAlert className="size-3.5" />} onClick={() => setDialog('evict')}>
            Evict an intruder …
          </MenuItem>
          <MenuLine />
          <MenuItem danger icon={<Trash2 className="size-3.5" />} onClick={() => setDialog('delete')}>
            Delete …
          </MenuItem>
          <MenuItem danger icon={<Eraser className="size-3.5" />} onClick={() => setDialog('erase')}>
            Erase every trace …
          </MenuItem>
        </Menu>
      )}
      <EraseDialog open={dialog === 'erase'} onClose={close} onErased={gone} projectId={projectId} user={user} />
      <EvictDialog open={dialog === 'evict'} onClose={close} projectId={projectId} user={user} />
      <ConfirmByName
        open={dialog === 'delete'}
        onClose={close}
        title="Delete this person"
        name={user.email}
        action="Delete for good"
        run={remove}
      >
        The account goes with everything in it: passwords, passkeys, connected providers and sessions. It cannot be brought back; the audit
        log keeps that it happened.
      </ConfirmByName>
      <ConfirmByName
        open={dialog === 'factors'}
        onClose={close}
        title="Reset second factors"
        name={user.email}
        action="Remove the factors"
        run={resetFactors}
      >
        For somebody who lost everything: every authenticator app, recovery code and passkey is removed and every session ends. They are
        told by mail.
      </ConfirmByName>
    </>
  )
}
