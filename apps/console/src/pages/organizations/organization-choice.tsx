import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { organizationsKey } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { SearchInput } from '../../ui/field.js'

const SHOWN = 6

/** One organization, found by its name, or (`null`) the whole project. */
export function OrganizationChoice({
  projectId,
  chosen,
  onChange,
  everybody,
}: {
  projectId: string
  chosen: string | null
  onChange: (organizationId: string | null) => void
  /** What the project itself is called here. */
  everybody: string
}) {
  const name = useId()
  const [text, setText] = useState('')
  const wanted = useDebounced(text.trim())
  const { data } = useQuery({
    queryKey: [...organizationsKey(projectId), 'to-choose', wanted],
    queryFn: async ({ signal }) =>
      (await portico.organizations.list(projectId, { limit: SHOWN, ...(wanted && { search: wanted }) }, { signal })).data,
  })
  return (
    <fieldset className="grid gap-2 text-sm">
      <legend className="mb-1 font-medium">Whose people</legend>
      <label className="flex items-center gap-2">
        <input
          type="radio"
          name={name}
          className="size-4 accent-accent-solid"
          checked={chosen === null}
          onChange={() => onChange(null)}
        />
        {everybody}
      </label>
      <SearchInput label="Or an organization: the beginning of its name" value={text} onChange={(event) => setText(event.target.value)} />
      {data?.map((organization) => (
        <label key={organization.id} className="flex items-center gap-2">
          <input
            type="radio"
            name={name}
            className="size-4 accent-accent-solid"
            checked={chosen === organization.id}
            onChange={() => onChange(organization.id)}
          />
          <span className="truncate">{organization.name}</span>
          <span className="text-xs text-faint">{organization.slug}</span>
        </label>
      ))}
    </fieldset>
  )
}
