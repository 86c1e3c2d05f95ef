import { useQuery } from '@tanstack/react-query'
import type { Organization, OrganizationRole } from '@portico/sdk'
import { useId, useState, type FormEvent } from 'react'
import { useOrganizationAction } from '../../api/organizations.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'

/** Somebody who has an account joins at once; anybody else gets a mail. */
export default function AddMember({
  projectId,
  organization,
  roles,
  onClose,
}: {
  projectId: string
  organization: Organization
  roles: OrganizationRole[]
  onClose: () => void
}) {
  const list = useId()
  const [how, setHow] = useState<'invite' | 'add'>('invite')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('member')
  const wanted = useDebounced(email.trim())
  const found = useQuery({
    queryKey: ['project', projectId, 'people', 'beginning', wanted],
    queryFn: async ({ signal }) => (await portico.users.list(projectId, { search: wanted, limit: 8 }, { signal })).data,
    enabled: how === 'add' && wanted.length > 1,
  })
  const save = useOrganizationAction(
    projectId,
    async () => {
      const address = email.trim().toLowerCase()
      if (how === 'invite') return await portico.organizations.invite(projectId, organization.id, { email: address, role })
      const people = (await portico.users.list(projectId, { search: address, limit: 8 })).data
      const person = people.find((one) => one.email.toLowerCase() === address)
      if (!person) throw new Error('Nobody has an account with that address. Invite them by mail instead.')
      return await portico.organizations.addMember(projectId, organization.id, person.id, role)
    },
    (out) => {
      onClose()
      return how === 'invite' ? `${out.email} is invited` : `${out.email} belongs to ${organization.name} now`
    },
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Dialog open onClose={onClose} title={`Add somebody to ${organization.name}`}>
      <form onSubmit={submit} className="grid gap-3">
        <fieldset className="grid gap-1.5 text-sm">
          <legend className="sr-only">How</legend>
          <label className="flex items-center gap-2">
            <input type="radio" className="size-4 accent-accent-solid" checked={how === 'invite'} onChange={() => setHow('invite')} />
            Invite by mail; it counts once they accept
          </label>
          <label className="flex items-center gap-2">
            <input type="radio" className="size-4 accent-accent-solid" checked={how === 'add'} onChange={() => setHow('add')} />
            Add an account of this project at once
          </label>
        </fieldset>
        <Field label="Email address">
          {(attributes) => (
            <>
              <Input
                {...attributes}
                type="email"
                list={list}
                value={email}
                onChange={(event) => setEmail(event.target.value)}
                autoComplete="off"
                required
                autoFocus
              />
              <datalist id={list}>{found.data?.map((person) => <option key={person.id} value={person.email} />)}</datalist>
            </>
          )}
        </Field>
        <Field label="Role">
          {(attributes) => (
            <Select {...attributes} value={role} onChange={(event) => setRole(event.target.value)} className="w-full">
              {(roles.length > 0 ? roles : [{ key: 'member', name: 'Member' }]).map(({ key, name }) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {save.error && <Note tone="bad">{inPlainWords(save.error).detail}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            {how === 'invite' ? 'Invite' : 'Add'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
