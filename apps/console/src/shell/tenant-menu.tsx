import { Check } from 'lucide-react'
import type { ReactElement } from 'react'
import { portico } from '../api/portico.js'
import type { ConsoleSession } from '../api/session.js'
import { cx } from '../lib/cx.js'
import { Menu, MenuItem, MenuLabel } from '../ui/menu.js'
import { toast } from '../ui/toast.js'

/** The workspaces that the reader belongs to, with their role in each. */
export default function TenantMenu({ session, trigger }: { session: ConsoleSession; trigger: ReactElement }) {
  const move = (tenantId: string) =>
    portico.console.switchTenant(tenantId).then(
      // A page that is loaded anew keeps nothing of the one before.
      () => location.assign('/console'),
      (error: unknown) => toast.failed(error),
    )
  return (
    <Menu align="start" trigger={trigger} startsOpen>
      <MenuLabel>Workspaces</MenuLabel>
      {session.tenants.map(({ id, name, role }) => {
        const isHere = id === session.tenant?.id
        return (
          <MenuItem
            key={id}
            icon={isHere ? <Check className="size-3.5 text-accent" /> : <span className="size-3.5" />}
            onClick={() => {
              if (!isHere) void move(id)
            }}
          >
            <span className={cx('max-w-48 truncate', isHere && 'font-medium')}>{name}</span>
            <span className="ml-auto pl-3 text-xs text-faint">{role}</span>
          </MenuItem>
        )
      })}
    </Menu>
  )
}
