import { Plus, X } from 'lucide-react'
import { Button, IconButton } from './button.js'
import { Input, Select } from './field.js'

export type Pair = readonly [from: string, to: string]

/** A list of «this becomes that»; the right side is one of a few where `choices` are given. The order counts. */
export function PairsEditor({
  label,
  pairs,
  onChange,
  from,
  to,
  add,
  choices,
  readOnly,
}: {
  label: string
  pairs: readonly Pair[]
  onChange: (pairs: Pair[]) => void
  from: string
  to: string
  /** What the button that makes a new line says. */
  add: string
  choices?: readonly (readonly [value: string, name: string])[]
  readOnly: boolean
}) {
  const set = (at: number, pair: Pair) => onChange(pairs.map((other, i) => (i === at ? pair : other)))
  return (
    <div role="group" aria-label={label} className="grid grid-cols-1 gap-2 text-sm">
      <p className="font-medium">{label}</p>
      {pairs.map(([left, right], i) => (
        // Lines have no name of their own, and are not moved.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={i} className="flex items-center gap-2">
          <Input aria-label={`${from} ${i + 1}`} placeholder={from} value={left} disabled={readOnly} spellCheck={false} onChange={(event) => set(i, [event.target.value, right])} />
          <span className="text-faint" aria-hidden="true">
            →
          </span>
          {choices ? (
            <Select aria-label={`${to} ${i + 1}`} className="w-full" value={right} disabled={readOnly} onChange={(event) => set(i, [left, event.target.value])}>
              {choices.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          ) : (
            <Input aria-label={`${to} ${i + 1}`} placeholder={to} value={right} disabled={readOnly} spellCheck={false} onChange={(event) => set(i, [left, event.target.value])} />
          )}
          {!readOnly && (
            <IconButton label={`Remove line ${i + 1}`} onClick={() => onChange(pairs.filter((_pair, at) => at !== i))}>
              <X className="size-3.5" />
            </IconButton>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          look="quiet"
          className="justify-self-start"
          icon={<Plus className="size-3.5" />}
          onClick={() => onChange([...pairs, ['', choices?.[0]?.[0] ?? '']])}
        >
          {add}
        </Button>
      )}
    </div>
  )
}
