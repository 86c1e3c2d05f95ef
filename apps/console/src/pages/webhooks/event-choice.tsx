import { useId } from 'react'
import { plural } from '../../lib/format.js'
import { Skeleton } from '../../ui/skeleton.js'

const NOUNS: Record<string, string> = {
  user: 'People',
  session: 'Sessions',
  factor: 'Second factors',
  passkey: 'Passkeys',
  identity: 'Provider accounts',
  organization: 'Organizations',
  mail: 'Mail',
  auth: 'Sign-in settings and keys',
  project: 'Project',
  domain: 'Domains',
  webhook: 'Webhooks',
  runtime_env: 'Variables',
}

/** Which events, by what they are about. None chosen is all of them, also those that a later version adds. */
export function EventChoice({
  all,
  chosen,
  onChange,
}: {
  all: readonly string[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  const name = useId()
  const every = chosen.length === 0
  const nouns = [...new Set(all.map(nounOf))]
  if (all.length === 0) return <Skeleton className="h-40 w-full" />
  return (
    <fieldset className="grid gap-2 text-sm">
      <legend className="mb-1 font-medium">Events</legend>
      <label className="flex items-center gap-2">
        <input type="radio" name={name} className="size-4 accent-accent-solid" checked={every} onChange={() => onChange([])} />
        Every event, also those that a later version adds
      </label>
      <label className="flex items-center gap-2">
        <input
          type="radio"
          name={name}
          className="size-4 accent-accent-solid"
          checked={!every}
          onChange={() => onChange(all.filter((type) => nounOf(type) === 'user'))}
        />
        Only these{!every && `: ${plural(chosen.length, 'event')}`}
      </label>
      {!every && (
        <div
          className="grid max-h-72 gap-3 overflow-y-auto rounded-md border border-line p-3"
          role="group"
          aria-label="Chosen events"
          tabIndex={0}
        >
          {nouns.map((noun) => (
            <Noun key={noun} noun={noun} types={all.filter((type) => nounOf(type) === noun)} chosen={chosen} onChange={onChange} />
          ))}
        </div>
      )}
    </fieldset>
  )
}

function Noun({
  noun,
  types,
  chosen,
  onChange,
}: {
  noun: string
  types: string[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}) {
  const taken = types.filter((type) => chosen.includes(type)).length
  const others = chosen.filter((type) => !types.includes(type))
  return (
    <div className="grid gap-1">
      <label className="flex items-center gap-2 font-medium">
        <input
          type="checkbox"
          className="size-4 accent-accent-solid"
          checked={taken === types.length}
          ref={(box) => {
            if (box) box.indeterminate = taken > 0 && taken < types.length
          }}
          onChange={(event) => onChange(event.target.checked ? [...others, ...types] : others)}
        />
        {NOUNS[noun] ?? noun}
      </label>
      <div className="grid gap-x-4 gap-y-1 pl-6 sm:grid-cols-2">
        {types.map((type) => (
          <label key={type} className="flex min-w-0 items-center gap-2">
            <input
              type="checkbox"
              className="size-4 shrink-0 accent-accent-solid"
              checked={chosen.includes(type)}
              onChange={(event) => onChange(event.target.checked ? [...chosen, type] : chosen.filter((other) => other !== type))}
            />
            <code className="truncate font-mono text-xs">{type}</code>
          </label>
        ))}
      </div>
    </div>
  )
}

const nounOf = (type: string): string => type.split('.')[0] ?? type
