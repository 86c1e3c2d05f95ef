import { X } from 'lucide-react'
import { useId } from 'react'
import { IconButton } from '../../ui/button.js'
import { Input } from '../../ui/field.js'

const FULL = /^#[0-9a-f]{6}$/i

/** A colour picked or typed; taken away, the usual one counts. */
export function Colour({
  label,
  value,
  usual,
  readOnly,
  onChange,
}: {
  label: string
  value: string | undefined
  usual: string
  readOnly: boolean
  onChange: (value: string | undefined) => void
}) {
  const id = useId()
  return (
    <div className="grid gap-1 text-sm">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="flex items-center gap-1.5">
        <input
          type="color"
          aria-label={`Pick: ${label}`}
          className="size-8 shrink-0 cursor-pointer rounded-md border border-line-strong bg-panel p-0.5 disabled:opacity-60"
          value={value !== undefined && FULL.test(value) ? value : FULL.test(usual) ? usual : '#000000'}
          disabled={readOnly}
          onChange={(event) => onChange(event.target.value)}
        />
        <Input
          id={id}
          className="w-full min-w-0 font-mono"
          placeholder={usual}
          value={value ?? ''}
          maxLength={7}
          spellCheck={false}
          disabled={readOnly}
          onChange={(event) => onChange(event.target.value.trim() || undefined)}
        />
        {value !== undefined && !readOnly && (
          <IconButton label={`${label}: the usual one`} onClick={() => onChange(undefined)} className="-ml-9">
            <X className="size-3.5" />
          </IconButton>
        )}
      </div>
    </div>
  )
}
