import type { Organization, OrganizationRole } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { useOrganizationAction } from '../../api/organizations.js'
import { inPlainWords } from '../../api/plain-words.js'
import { personByAddress } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { AddressField } from '../people/address-field.js'

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
  const [how, setHow] = useState<'invite' | 'add'>('invite')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('member')
  const save = useOrganizationAction(
    projectId,
    async () => {
      const address = email.trim().toLowerCase()
      if (how === 'invite') return await portico.organizations.invite(projectId, organization.id, { email: address, role })
      const person = await personByAddress(projectId, address)
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
        <AddressField projectId={projectId} value={email} onChange={setEmail} suggest={how === 'add'} />
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
