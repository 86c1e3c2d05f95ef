import { count } from '../../lib/format.js'
import { COLUMNS, type Month } from './months.js'

const NAME = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })

export function MonthTable({ months }: { months: readonly Month[] }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Usage by month">
      <table className="w-full text-sm" aria-label="By month">
        <thead>
          <tr className="border-b border-line text-right text-xs text-faint">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              Month
            </th>
            {COLUMNS.map(([key, title]) => (
              <th key={key} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {months.map((month) => (
            <tr key={month.name} className="hover:bg-hover/60">
              <th scope="row" className="px-4 py-2 text-left font-medium whitespace-nowrap">
                {NAME.format(new Date(`${month.name}-01T00:00:00Z`))}
              </th>
              {COLUMNS.map(([key]) => (
                <td key={key} className="px-4 py-2 text-right">
                  {count(month[key])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
