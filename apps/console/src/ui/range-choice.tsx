import { RANGES, type Range } from '../api/stats.js'
import { cx } from '../lib/cx.js'

export function RangeChoice({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  return (
    <div role="group" aria-label="Time" className="inline-flex rounded-md border border-line bg-panel p-0.5">
      {(Object.keys(RANGES) as Range[]).map((range) => (
        <button
          key={range}
          type="button"
          aria-pressed={range === value}
          onClick={() => onChange(range)}
          className={cx('h-7 rounded px-2.5 text-sm', range === value ? 'bg-hover font-medium' : 'text-soft hover:text-ink')}
        >
          {RANGES[range].label}
        </button>
      ))}
    </div>
  )
}
