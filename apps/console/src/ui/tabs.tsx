import { Link } from '@tanstack/react-router'
import { cx } from '../lib/cx.js'

/** Parts of a page that stand in its address, so that each can be sent to somebody. The first one is the page without `tab`. */
export function Tabs<Name extends string>({
  label,
  tabs,
  open,
}: {
  label: string
  tabs: readonly (readonly [Name, string])[]
  open: Name
}) {
  return (
    <nav aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map(([name, title], i) => (
        <Link
          key={name}
          to="."
          search={i === 0 ? {} : ({ tab: name } as never)}
          aria-current={name === open ? 'page' : undefined}
          className={cx(
            '-mb-px border-b-2 px-3 py-2 text-sm whitespace-nowrap',
            name === open ? 'border-accent font-medium text-ink' : 'border-transparent text-soft hover:text-ink',
          )}
        >
          {title}
        </Link>
      ))}
    </nav>
  )
}
