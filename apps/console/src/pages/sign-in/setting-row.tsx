import { RotateCcw } from 'lucide-react'
import { useId } from 'react'
import { cx } from '../../lib/cx.js'
import { duration } from '../../lib/format.js'
import { Badge } from '../../ui/badge.js'
import { Input, Select } from '../../ui/field.js'
import { Switch } from '../../ui/switch.js'
import { isSeconds, titleOf } from './setting-groups.js'
import type { SettingSchema } from './setting-schema.js'
import { isSame, valueText } from './setting-value.js'
import { WaysIn } from './ways-in.js'

export interface SettingRowProps {
  setting: SettingSchema
  value: unknown
  changed: boolean
  problem: string | undefined
  readOnly: boolean
  onChange: (value: unknown) => void
}

/** What it is, what it means, what it would be by itself, and the control. */
export function SettingRow({ setting, value, changed, problem, readOnly, onChange }: SettingRowProps) {
  const id = useId()
  const tall = setting.kind === 'list'
  return (
    <div className={cx('grid gap-x-6 gap-y-2 px-4 py-3', tall ? 'md:grid-cols-2' : 'md:grid-cols-[1fr_minmax(0,18rem)]')}>
      <div className="min-w-0 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <label htmlFor={id} className="font-medium">
            {titleOf(setting.name)}
          </label>
          {changed && <Badge tone="accent">not saved</Badge>}
        </p>
        <p className="mt-0.5 text-soft">
          <Prose text={setting.description} />
        </p>
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-faint">
          <code className="font-mono">{setting.name}</code>
          <span>
            default <strong className="font-medium">{valueText(setting.name, setting.default)}</strong>
          </span>
          {!isSame(value, setting.default) && !readOnly && (
            <button
              type="button"
              className="inline-flex items-center gap-1 text-accent hover:underline"
              onClick={() => onChange(setting.default)}
            >
              <RotateCcw className="size-3" /> back to it
            </button>
          )}
        </p>
      </div>
      <div className="min-w-0">
        <Control id={id} setting={setting} value={value} readOnly={readOnly} onChange={onChange} />
        {problem && (
          <p role="alert" className="mt-1 text-xs text-bad">
            {problem}
          </p>
        )}
      </div>
    </div>
  )
}

function Control({ id, setting, value, readOnly, onChange }: { id: string } & Omit<SettingRowProps, 'changed' | 'problem'>) {
  const common = { id, disabled: readOnly }
  if (setting.name === 'providers') return <WaysIn value={value as string[]} readOnly={readOnly} onChange={onChange} />
  if (setting.kind === 'switch')
    return <Switch id={id} label={titleOf(setting.name)} checked={value === true} disabled={readOnly} onChange={onChange} />
  if (setting.kind === 'choice')
    return (
      <Select {...common} className="w-full" value={String(value)} onChange={(event) => onChange(event.target.value)}>
        {setting.choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </Select>
    )
  if (setting.kind === 'number')
    return (
      <div className="flex items-center gap-2">
        <Input
          {...common}
          type="number"
          className="w-36"
          min={setting.minimum}
          max={setting.maximum}
          placeholder={setting.nullable ? 'none' : undefined}
          value={value === null || value === undefined ? '' : String(value)}
          onChange={(event) =>
            onChange(event.target.value === '' ? (setting.nullable ? null : setting.default) : Number(event.target.value))
          }
        />
        {isSeconds(setting.name) && <span className="text-xs text-soft">{typeof value === 'number' ? duration(value) : 'no end'}</span>}
      </div>
    )
  if (setting.kind === 'list')
    return (
      <textarea
        {...common}
        className="control h-auto min-h-20 w-full resize-y py-1.5 font-mono text-xs leading-5"
        rows={Math.min(8, Math.max(3, (value as string[]).length + 1))}
        placeholder="One a line"
        spellCheck={false}
        value={(value as string[]).join('\n')}
        onChange={(event) => onChange(event.target.value === '' ? [] : event.target.value.split('\n'))}
      />
    )
  return (
    <Input
      {...common}
      placeholder={setting.nullable ? 'none' : undefined}
      spellCheck={false}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
    />
  )
}

/** Backticks of the description as code. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, i) =>
    i % 2 === 1 ? (
      <code key={i} className="rounded bg-sunken px-1 font-mono text-xs">
        {part}
      </code>
    ) : (
      part
    ),
  )
}
