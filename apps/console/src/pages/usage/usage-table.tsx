import type { UsageRow } from '@portico/sdk'
import type { ReactNode } from 'react'
import { count } from '../../lib/format.js'
import { FIGURES } from './usage-columns.js'

/** One row for each period or project, one column for each figure. */
export function UsageTable({
  label,
  first,
  rows,
  name,
}: {
  label: string
  first: string
  rows: UsageRow[]
  name: (row: UsageRow) => ReactNode
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-sm" aria-label={label}>
        <thead>
          <tr className="border-b border-line text-right text-xs text-faint">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              {first}
            </th>
            {FIGURES.map(({ key, title }) => (
              <th key={key} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={row.id} className="hover:bg-hover/60">
              <th scope="row" className="max-w-56 min-w-36 truncate px-4 py-2 text-left font-medium">
                {name(row)}
              </th>
              {FIGURES.map(({ key, of }) => {
                const value = of(row)
                return (
                  <td key={key} className="px-4 py-2 text-right">
                    {value === null ? <span className="text-faint">–</span> : count(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
