import { Link } from '@tanstack/react-router'
import type { VisibilityState } from '@tanstack/react-table'
import type { EndUser } from '@portico/sdk'
import { Columns3 } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Menu, MenuCheck } from '../../ui/menu.js'
import type { Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'

const KEY = 'portico-console-people-columns'
const HIDDEN: VisibilityState = { metadata: false, updated_at: false }
const CHOICES: [id: string, label: string][] = [
  ['state', 'State'],
  ['id', 'Id'],
  ['metadata', 'Metadata'],
  ['last_sign_in_at', 'Last sign-in'],
  ['created_at', 'Joined'],
  ['updated_at', 'Changed'],
]

export const columnsOf = (projectId: string): Column<EndUser>[] => [
  {
    id: 'email',
    header: 'Address',
    sortable: true,
    cell: (user) => (
      <Link
        to="/projects/$projectId/people/$userId"
        params={{ projectId, userId: user.id }}
        className="block truncate font-medium hover:underline"
        title={user.email}
      >
        {user.email}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    wide: true,
    cell: (user) => (
      <span className="flex gap-1">
        {user.disabled && <Badge tone="bad">disabled</Badge>}
        {user.emailVerified ? <Badge tone="good">confirmed</Badge> : <Badge tone="warn">unconfirmed</Badge>}
      </span>
    ),
  },
  { id: 'id', header: 'Id', wide: true, cell: (user) => <CopyId value={user.id} short label="user id" /> },
  {
    id: 'metadata',
    header: 'Metadata',
    wide: true,
    cell: (user) => <span className="block truncate font-mono text-xs text-soft">{JSON.stringify(user.metadata)}</span>,
  },
  { id: 'last_sign_in_at', header: 'Last sign-in', sortable: true, wide: true, cell: (user) => <Time at={user.lastSignInAt} /> },
  { id: 'created_at', header: 'Joined', sortable: true, align: 'right', cell: (user) => <Time at={user.createdAt} /> },
  { id: 'updated_at', header: 'Changed', wide: true, align: 'right', cell: (user) => <Time at={user.updatedAt} /> },
]

function saved(): VisibilityState {
  try {
    return { ...HIDDEN, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as VisibilityState) }
  } catch {
    return HIDDEN
  }
}

/** Which columns this reader wants; kept in this browser. */
export function useColumns(): [VisibilityState, (visibility: VisibilityState) => void] {
  const [visibility, setVisibility] = useState(saved)
  return [
    visibility,
    (next) => {
      localStorage.setItem(KEY, JSON.stringify(next))
      setVisibility(next)
    },
  ]
}

export function ColumnChooser({ visibility, onChange }: { visibility: VisibilityState; onChange: (visibility: VisibilityState) => void }) {
  return (
    <div className="hidden md:block">
      <Menu trigger={<Button icon={<Columns3 className="size-3.5" />}>Columns</Button>}>
        {CHOICES.map(([id, label]) => (
          <MenuCheck key={id} checked={visibility[id] ?? true} onChange={(checked) => onChange({ ...visibility, [id]: checked })}>
            {label}
          </MenuCheck>
        ))}
      </Menu>
    </div>
  )
}
