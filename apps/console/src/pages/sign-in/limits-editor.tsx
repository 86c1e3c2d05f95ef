import { duration } from '../../lib/format.js'
import { Badge } from '../../ui/badge.js'
import { Input } from '../../ui/field.js'
import type { SettingSchema } from './setting-schema.js'
import { isSame } from './setting-value.js'

export interface Bucket {
  points: number
  window_seconds: number
}

/** Each bucket: so many uses in so many seconds. Only what differs is sent. */
export function LimitsEditor({
  setting,
  value,
  saved,
  readOnly,
  onChange,
}: {
  setting: SettingSchema
  value: Record<string, Bucket>
  saved: Record<string, Bucket>
  readOnly: boolean
  onChange: (value: Record<string, Bucket>) => void
}) {
  const change = (name: string, part: Partial<Bucket>) => onChange({ ...value, [name]: { ...value[name]!, ...part } })
  return (
    <div className="divide-y divide-line">
      {setting.parts
        .filter(({ name }) => value[name] !== undefined)
        .map(({ name, description }) => {
          const bucket = value[name]!
          return (
            <div key={name} className="grid items-center gap-x-6 gap-y-1 px-4 py-2 text-sm md:grid-cols-[1fr_auto]">
              <div className="min-w-0">
                <p className="flex items-center gap-2">
                  <code className="font-mono text-xs">{name}</code>
                  {!isSame(bucket, saved[name]) && <Badge tone="accent">not saved</Badge>}
                </p>
                <p className="text-xs text-soft">{description}</p>
              </div>
              <div className="flex items-center gap-2 text-xs text-soft">
                <Input
                  type="number"
                  min={1}
                  aria-label={`${name}: uses`}
                  className="w-20"
                  disabled={readOnly}
                  value={bucket.points}
                  onChange={(event) => change(name, { points: Number(event.target.value) })}
                />
                in
                <Input
                  type="number"
                  min={1}
                  aria-label={`${name}: seconds`}
                  className="w-24"
                  disabled={readOnly}
                  value={bucket.window_seconds}
                  onChange={(event) => change(name, { window_seconds: Number(event.target.value) })}
                />
                <span className="w-20">{duration(bucket.window_seconds)}</span>
              </div>
            </div>
          )
        })}
    </div>
  )
}
