import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Role } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { toast } from '../../ui/toast.js'

/** What each role may do, written out; a role of one's own is any list of it. */
export function Roles({ roles, denied }: { roles: Role[]; denied: string | false }) {
  const client = useQueryClient()
  const [editing, setEditing] = useState(false)
  const remove = useMutation({
    mutationFn: (name: string) => portico.team.removeRole(name),
    onSuccess: async (_done, name) => {
      await client.invalidateQueries({ queryKey: ['team'] })
      toast.done(`The role ${name} is gone`)
    },
    onError: toast.failed,
  })
  return (
    <Card
      title="Roles"
      lead="Lists of permissions. API keys have the same ones as scopes."
      flush
      actions={
        <Button icon={<Plus className="size-3.5" />} onClick={() => setEditing(true)} deniedBecause={denied}>
          New role
        </Button>
      }
    >
      <ul className="divide-y divide-line">
        {roles.map((role) => (
          <li key={role.name} className="flex items-start gap-3 px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{role.name}</span>
                {!role.builtIn && <Badge>own</Badge>}
                <span className="text-soft">{role.description}</span>
              </p>
              <p className="mt-1 flex flex-wrap gap-x-2 gap-y-0.5 font-mono text-xs text-faint">
                {role.permissions.map((permission) => (
                  <span key={permission}>{permission}</span>
                ))}
              </p>
            </div>
            {!role.builtIn && (
              <Button className="h-7 px-2 text-xs" busy={remove.isPending} onClick={() => remove.mutate(role.name)} deniedBecause={denied}>
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {editing && <NewRole permissions={[...new Set(roles.flatMap((role) => role.permissions))]} onClose={() => setEditing(false)} />}
    </Card>
  )
}

function NewRole({ permissions, onClose }: { permissions: Role['permissions']; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [chosen, setChosen] = useState<Role['permissions']>([])
  const create = useMutation({
    mutationFn: () => portico.team.createRole({ name: name.trim(), description: description.trim(), permissions: chosen }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['team'] })
      toast.done(`The role ${name.trim()} can be given`)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <Dialog open onClose={onClose} title="New role" wide>
      <form onSubmit={submit} className="grid gap-3">
        <Field label="Name">
          {(attributes) => <Input {...attributes} value={name} onChange={(event) => setName(event.target.value)} required />}
        </Field>
        <Field label="What it is for">
          {(attributes) => <Input {...attributes} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <fieldset className="grid gap-1 text-sm sm:grid-cols-2">
          <legend className="mb-1 font-medium">It may</legend>
          {permissions.map((permission) => (
            <label key={permission} className="flex items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-accent-solid"
                checked={chosen.includes(permission)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, permission] : chosen.filter((other) => other !== permission))
                }
              />
              <code className="font-mono text-xs">{permission}</code>
            </label>
          ))}
        </fieldset>
        {create.error && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending} disabled={chosen.length === 0}>
            Make the role
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
