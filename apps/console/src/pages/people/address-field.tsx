import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { beginningQuery } from '../../api/person.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Field, Input } from '../../ui/field.js'

/** Somebody named by their address; with `suggest`, the accounts of the project that begin so. */
export function AddressField({
  projectId,
  value,
  onChange,
  suggest,
}: {
  projectId: string
  value: string
  onChange: (address: string) => void
  suggest: boolean
}) {
  const list = useId()
  const beginning = useDebounced(value.trim())
  const { data } = useQuery(beginningQuery(projectId, suggest ? beginning : ''))
  return (
    <Field label="Email address">
      {(attributes) => (
        <>
          <Input
            {...attributes}
            type="email"
            list={list}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            autoComplete="off"
            required
            autoFocus
          />
          <datalist id={list}>{data?.map((person) => <option key={person.id} value={person.email} />)}</datalist>
        </>
      )}
    </Field>
  )
}
