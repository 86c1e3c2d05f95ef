import { cx } from '../lib/cx.js'

/** One of a few, side by side. */
export function Choice<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string
  choices: readonly (readonly [Value, string])[]
  value: Value
  onChange: (value: Value) => void
}) {
  return (
    <div role="group" aria-label={label} className="inline-flex rounded-md border border-line bg-panel p-0.5">
      {choices.map(([one, name]) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === value}
          onClick={() => onChange(one)}
          className={cx('h-7 rounded px-2.5 text-sm whitespace-nowrap', one === value ? 'bg-hover font-medium' : 'text-soft hover:text-ink')}
        >
          {name}
        </button>
      ))}
    </div>
  )
}
