import type { ReactNode } from 'react'
import { cx } from '../lib/cx.js'
import { Skeleton } from './skeleton.js'

/** One figure with its name; a link when there is more to see. */
export function Tile({ name, value, note, tone }: { name: string; value: string | undefined; note?: ReactNode; tone?: 'bad' | undefined }) {
  return (
    <div className="panel min-w-0 px-4 py-3">
      <p className="truncate text-xs text-faint">{name}</p>
      {value === undefined ? (
        <Skeleton className="mt-2 h-5 w-16" />
      ) : (
        <p className={cx('text-xl font-semibold', tone === 'bad' && 'text-bad')}>{value}</p>
      )}
      {note && <div className="truncate text-xs text-soft">{note}</div>}
    </div>
  )
}
