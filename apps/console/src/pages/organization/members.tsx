import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Organization, OrganizationMember, OrganizationRole } from '@portico/sdk'
import { MoreHorizontal, UserPlus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { organizationKey, useOrganizationAction } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Select } from '../../ui/field.js'
import { Menu, MenuItem } from '../../ui/menu.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'

const AddMember = lazy(() => import('./add-member.js'))
const PAGE_SIZE = 25

export interface PartProps {
  projectId: string
  organization: Organization
  denied: string | false
}

export function Members({ projectId, organization, roles, denied }: PartProps & { roles: OrganizationRole[] }) {
  const [adding, setAdding] = useState(false)
  const [asked, setAsked] = useState<{ what: 'remove' | 'transfer'; member: OrganizationMember } | null>(null)
  const cursors = useCursors('')
  const query = { limit: PAGE_SIZE, ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...organizationKey(projectId, organization.id), 'members', query],
    queryFn: async ({ signal }) => await portico.organizations.members(projectId, organization.id, query, { signal }),
    placeholderData: keepPreviousData,
  })
  const change = useOrganizationAction(
    projectId,
    ({ userId, role }: { userId: string; role: string }) => portico.organizations.setRole(projectId, organization.id, userId, role),
    ({ email, role }) => `${email} is ${role} now`,
  )
  const settle = useOrganizationAction(
    projectId,
    async ({ what, member }: NonNullable<typeof asked>) => {
      if (what === 'remove') await portico.organizations.removeMember(projectId, organization.id, member.userId)
      else await portico.organizations.transfer(projectId, organization.id, member.userId)
    },
    (_done, { what, member }) => (what === 'remove' ? `${member.email} left ${organization.name}` : `${member.email} is the only admin now`),
  )
  const columns: Column<OrganizationMember>[] = [
    {
      id: 'who',
      header: 'Person',
      cell: (member) => (
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <Link
            to="/projects/$projectId/people/$userId"
            params={{ projectId, userId: member.userId }}
            className="max-w-full truncate font-medium hover:underline"
          >
            {member.email}
          </Link>
          {!member.emailVerified && <Badge tone="warn">unconfirmed</Badge>}
        </span>
      ),
    },
    {
      id: 'role',
      header: 'Role',
      cell: (member) => (
        <Select
          aria-label={`Role of ${member.email}`}
          value={member.role}
          disabled={denied !== false || change.isPending}
          onChange={(event) => change.mutate({ userId: member.userId, role: event.target.value })}
        >
          {[...new Set([member.role, ...roles.map(({ key }) => key)])].map((key) => (
            <option key={key}>{key}</option>
          ))}
        </Select>
      ),
    },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: (member) =>
        denied ? (
          <Button
            className="h-7 px-2"
            deniedBecause={denied}
            aria-label={`More for ${member.email}`}
            icon={<MoreHorizontal className="size-4" />}
          />
        ) : (
          <Menu trigger={<Button className="h-7 px-2" aria-label={`More for ${member.email}`} icon={<MoreHorizontal className="size-4" />} />}>
            <MenuItem onClick={() => setAsked({ what: 'transfer', member })}>Make the only admin</MenuItem>
            <MenuItem danger onClick={() => setAsked({ what: 'remove', member })}>
              Remove
            </MenuItem>
          </Menu>
        ),
    },
  ]
  return (
    <Card
      title="Members"
      flush
      actions={
        <Button icon={<UserPlus className="size-3.5" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          Add
        </Button>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={3} />
      ) : data.data.length === 0 ? (
        <p className="px-4 py-5 text-sm text-soft">Nobody belongs to it yet. Add somebody who has an account, or invite by mail.</p>
      ) : (
        <>
          <DataTable label="Members" columns={columns} rows={data.data} rowId={({ userId }) => userId} stale={isPlaceholderData} />
          {(data.page.nextCursor || cursors.cursor !== undefined) && (
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={data.page.total} shown={data.data.length} />
          )}
        </>
      )}
      {adding && (
        <Suspense>
          <AddMember projectId={projectId} organization={organization} roles={roles} onClose={() => setAdding(false)} />
        </Suspense>
      )}
      <ConfirmByName
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={asked?.what === 'transfer' ? 'Hand the organization over' : 'Remove the member'}
        name={asked?.member.email ?? ''}
        action={asked?.what === 'transfer' ? 'Hand it over' : 'Remove'}
        run={async () => asked && (await settle.mutateAsync(asked))}
      >
        {asked?.what === 'transfer'
          ? 'They become its admin, and every other admin a member.'
          : 'The account stays. Tokens that name this organization end at their next refresh.'}
      </ConfirmByName>
    </Card>
  )
}
