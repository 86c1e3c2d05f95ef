import { X } from 'lucide-react'
import { Input, Select } from '../../ui/field.js'
import { Button } from '../../ui/button.js'

/** As it stands in the address, so that a filtered list can be sent to a colleague. */
export interface PeopleSearch {
  state?: string
  provider?: string
  since?: string
}

const STATES: [value: string, label: string][] = [
  ['confirmed', 'Confirmed'],
  ['unconfirmed', 'Not confirmed'],
  ['enabled', 'Enabled'],
  ['disabled', 'Disabled'],
  ['mfa', 'With a second factor'],
  ['never_signed_in', 'Never signed in'],
]

/** What the API is asked for. A day is the reader's day. */
export function filterOf({ state, provider, since }: PeopleSearch) {
  return {
    ...(state && { state }),
    ...(provider && { provider }),
    ...(since && !Number.isNaN(Date.parse(since)) && { createdSince: new Date(`${since}T00:00:00`).toISOString() }),
  }
}

/** Mailed links and codes prove an address: they leave no mark on an account that one could search for. */
const isSearchable = (way: string) => !['email', 'magic_link', 'email_otp', 'passkey'].includes(way)

export function PeopleFilters({
  search,
  onChange,
  ways,
}: {
  search: PeopleSearch
  onChange: (to: Record<string, string | undefined>) => void
  ways: string[]
}) {
  const any = search.state || search.provider || search.since
  return (
    <>
      <Select aria-label="State" value={search.state ?? ''} onChange={(event) => onChange({ state: event.target.value || undefined })}>
        <option value="">Any state</option>
        {STATES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Way in"
        value={search.provider ?? ''}
        onChange={(event) => onChange({ provider: event.target.value || undefined })}
      >
        <option value="">Any way in</option>
        <option value="password">Password</option>
        <option value="passkey">Passkey</option>
        {ways.filter(isSearchable).map((way) => (
          <option key={way} value={way}>
            {way}
          </option>
        ))}
      </Select>
      <label className="flex items-center gap-1.5 text-sm whitespace-nowrap text-soft">
        Joined since
        <Input
          type="date"
          className="w-36"
          value={search.since ?? ''}
          onChange={(event) => onChange({ since: event.target.value || undefined })}
        />
      </label>
      {any && (
        <Button
          look="quiet"
          icon={<X className="size-3.5" />}
          onClick={() => onChange({ state: undefined, provider: undefined, since: undefined })}
        >
          Clear
        </Button>
      )}
    </>
  )
}
