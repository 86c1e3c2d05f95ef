import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useDirectoryAction } from '../../api/directories.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { OrganizationChoice } from '../organizations/organization-choice.js'

export default function DirectoryForm({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [organizationId, setOrganizationId] = useState<string | null>(null)
  const create = useDirectoryAction(
    projectId,
    () => portico.directories.create(projectId, { name: name.trim(), ...(organizationId !== null && { organizationId }) }),
    (made) => `${made.name} is made: it needs a token now`,
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined, {
      onSuccess: ({ id }) =>
        void navigate({ to: '/projects/$projectId/directories/$directoryId', params: { projectId, directoryId: id } }),
    })
  }
  const problem = create.error ? inPlainWords(create.error).fields['name'] : undefined
  return (
    <Dialog open onClose={onClose} title="New directory">
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Name" hint="For your colleagues: which identity provider it is." problem={problem}>
          {(attributes) => (
            <Input {...attributes} value={name} maxLength={100} autoFocus onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <OrganizationChoice
          projectId={projectId}
          chosen={organizationId}
          onChange={setOrganizationId}
          everybody="Of the project itself: its groups give no roles"
        />
        {create.error && problem === undefined && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending} disabled={name.trim() === ''}>
            Make it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
