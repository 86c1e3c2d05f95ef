import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Member, Role } from '@portico/sdk'
import { UserPlus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useSession } from '../../api/session.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Empty } from '../../ui/empty.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { Roles } from './roles.js'

const InviteMember = lazy(() => import('./invite-member.js'))

const STATES: Record<string, Tone> = { active: 'good', invited: 'accent', disabled: 'bad', deleted: 'neutral' }

export default function Team() {
  const denied = useDenied(PERMISSIONS.manageTeam)
  const { user } = useSession()
  const client = useQueryClient()
  const [inviting, setInviting] = useState(false)
  const [removing, setRemoving] = useState<Member | null>(null)
  const members = useQuery({ queryKey: ['team', 'members'], queryFn: async ({ signal }) => (await portico.team.members({ signal })).data })
  const roles = useQuery({ queryKey: ['team', 'roles'], queryFn: async ({ signal }) => (await portico.team.roles({ signal })).data })
  const refresh = () => client.invalidateQueries({ queryKey: ['team'] })
  const change = useMutation({
    mutationFn: ({ userId, ...to }: { userId: string; role?: string; breakGlass?: boolean }) => portico.team.update(userId, to),
    onSuccess: async ({ email, role }) => {
      await refresh()
      toast.done(`${email ?? 'The member'} is ${role} now`)
    },
    onError: toast.failed,
  })
  const remove = async () => {
    if (!removing) return
    await portico.team.remove(removing.userId)
    await refresh()
    toast.done(`${removing.email ?? 'The member'} is no longer a member`)
  }
  const columns: Column<Member>[] = [
    {
      id: 'who',
      header: 'Member',
      cell: (member) => (
        <span className="block min-w-0">
          <span className="block truncate font-medium">
            {member.name ?? member.email ?? 'Deleted'} {member.userId === user?.id && <span className="text-faint">(you)</span>}
          </span>
          {member.name && <span className="block truncate text-xs text-faint">{member.email}</span>}
        </span>
      ),
    },
    {
      id: 'role',
      header: 'Role',
      cell: (member) => (
        <Select
          aria-label={`Role of ${member.email ?? member.userId}`}
          value={member.role}
          disabled={denied !== false || change.isPending}
          onChange={(event) => change.mutate({ userId: member.userId, role: event.target.value })}
        >
          {(roles.data ?? [{ name: member.role } as Role]).map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      ),
    },
    {
      id: 'state',
      header: 'State',
      wide: true,
      cell: (member) => (
        <span className="flex gap-1">
          <Badge tone={STATES[member.state] ?? 'neutral'}>{member.state}</Badge>
          {member.breakGlass && <Badge title="May sign in with a password although the console asks an outside issuer">break glass</Badge>}
        </span>
      ),
    },
    { id: 'seen', header: 'Last sign-in', wide: true, cell: (member) => <Time at={member.lastSignInAt} /> },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: (member) => (
        <Button
          className="h-7 px-2 text-xs"
          onClick={() => setRemoving(member)}
          deniedBecause={denied}
          aria-label={`Remove ${member.email ?? member.userId}`}
        >
          Remove
        </Button>
      ),
    },
  ]
  return (
    <Page
      title="Team"
      lead="Who may use this console, and what each may do. Machines use API keys instead."
      actions={
        <Button look="primary" icon={<UserPlus className="size-4" />} onClick={() => setInviting(true)} deniedBecause={denied}>
          Invite
        </Button>
      }
    >
      <div className="grid grid-cols-1 gap-4">
        <Card title="Members" flush>
          {members.error ? (
            <div className="p-4">
              <ErrorNote error={members.error} retry={() => void members.refetch()} />
            </div>
          ) : !members.data ? (
            <SkeletonRows rows={3} />
          ) : members.data.length === 0 ? (
            <Empty title="Nobody is a member yet" sdk={"await portico.team.invite({ email: 'ada@example.com', role: 'admin' })"}>
              Turn sign-in on in the settings: that makes the first owner. Everybody else is invited.
            </Empty>
          ) : (
            <DataTable label="Members" columns={columns} rows={members.data} rowId={(member) => member.userId} />
          )}
        </Card>
        {roles.data && <Roles roles={roles.data} denied={denied} />}
      </div>
      {inviting && (
        <Suspense>
          <InviteMember roles={roles.data ?? []} onClose={() => setInviting(false)} />
        </Suspense>
      )}
      <ConfirmByName
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title="Remove the member"
        name={removing?.email ?? removing?.userId ?? ''}
        action="Remove"
        run={remove}
      >
        Their console sessions end at once. What they did stays in the audit log.
      </ConfirmByName>
    </Page>
  )
}
