import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { cx } from '../lib/cx.js'

export function Menu({
  trigger,
  children,
  align = 'end',
  startsOpen = false,
}: {
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'end'
  startsOpen?: boolean
}) {
  return (
    <Base.Root defaultOpen={startsOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className="z-50">
          <Base.Popup className="min-w-44 rounded-lg border border-line bg-raised p-1 text-sm shadow-pop outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

const ITEM =
  'flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

export function MenuItem({
  icon,
  danger = false,
  onClick,
  disabled = false,
  children,
}: {
  icon?: ReactNode
  danger?: boolean
  onClick: () => void
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <Base.Item className={cx(ITEM, danger && 'text-bad')} onClick={onClick} disabled={disabled}>
      {icon}
      {children}
    </Base.Item>
  )
}

export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
}) {
  return (
    <Base.CheckboxItem className={ITEM} checked={checked} onCheckedChange={onChange} closeOnClick={false}>
      <span className="inline-flex size-3.5 items-center justify-center rounded border border-line-strong text-accent">
        <Base.CheckboxItemIndicator>✓</Base.CheckboxItemIndicator>
      </span>
      {children}
    </Base.CheckboxItem>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 py-1 text-xs font-medium text-faint">{children}</div>
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />
}
