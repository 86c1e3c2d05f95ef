import { X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { Input, Select } from '../../ui/field.js'

/** As it stands in the address. */
export interface AuditSearch {
  action?: string
  actor?: string
  user?: string
  within?: string
}

const WITHIN: Record<string, [label: string, seconds: number]> = {
  '1h': ['Last hour', 3_600],
  '24h': ['Last 24 hours', 86_400],
  '7d': ['Last 7 days', 7 * 86_400],
  '30d': ['Last 30 days', 30 * 86_400],
}
// To the minute, so that the question stays the same for a while and its answer can be kept.
const MINUTE_MS = 60_000

export function filterOf({ action, actor, within }: AuditSearch) {
  const seconds = WITHIN[within ?? '']?.[1]
  return {
    ...(action && { action }),
    ...(actor && { actorId: actor }),
    ...(seconds !== undefined && { since: new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - seconds * 1000).toISOString() }),
  }
}

const COMMON = [
  'user.signed_up',
  'session.started',
  'sign_in.refused',
  'session.reuse_detected',
  'user.disabled',
  'user.evicted',
  'user.deleted',
  'auth.settings_changed',
  'auth.key_rotated',
  'runtime_env.read',
  'api_key.created',
]

/** What is asked for stands as chips, each with a way to take it away. */
export function AuditFilters({
  search,
  inProject,
  onChange,
}: {
  search: AuditSearch
  inProject: boolean
  onChange: (to: Record<string, string | undefined>) => void
}) {
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') onChange({ action: text.trim() })
    setText('')
  }
  const chips: [name: keyof AuditSearch, label: string][] = [
    ['action', `event ${search.action ?? ''}`],
    ['actor', `by ${search.actor ?? ''}`],
    ...(inProject ? [['user', `about ${search.user ?? ''}`] as [keyof AuditSearch, string]] : []),
  ]
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <form onSubmit={submit} className="w-full sm:w-64">
        <Input
          list="audit-actions"
          aria-label="Event"
          placeholder="An event, such as user.disabled"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            if (COMMON.includes(event.target.value)) {
              onChange({ action: event.target.value })
              setText('')
            }
          }}
          spellCheck={false}
        />
        <datalist id="audit-actions">
          {COMMON.map((action) => (
            <option key={action} value={action} />
          ))}
        </datalist>
      </form>
      <Select aria-label="Time" value={search.within ?? ''} onChange={(event) => onChange({ within: event.target.value || undefined })}>
        <option value="">Any time</option>
        {Object.entries(WITHIN).map(([value, [label]]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {chips
        .filter(([name]) => search[name])
        .map(([name, label]) => (
          <button
            key={name}
            type="button"
            aria-label={`Remove the filter ${label}`}
            onClick={() => onChange({ [name]: undefined })}
            className="inline-flex h-8 max-w-full items-center gap-1.5 rounded-full border border-line bg-accent-soft px-3 text-xs text-accent"
          >
            <span className="truncate">{label}</span>
            <X className="size-3 shrink-0" />
          </button>
        ))}
    </div>
  )
}
