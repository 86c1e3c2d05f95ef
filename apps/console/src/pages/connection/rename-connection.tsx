import type { SsoConnection } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { useChangeConnection } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'

interface Props {
  projectId: string
  connection: SsoConnection
  onClose: () => void
}

export function RenameConnection({ projectId, connection, onClose }: Props) {
  const [name, setName] = useState(connection.name)
  const save = useChangeConnection(projectId, connection.id, 'It has another name')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ name: name.trim() }, { onSuccess: onClose })
  }
  const problem = save.error ? inPlainWords(save.error).fields['name'] : undefined
  return (
    <Dialog open onClose={onClose} title="Rename the connection">
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Name" hint="As people see it on the sign-in page." problem={problem}>
          {(attributes) => (
            <Input {...attributes} value={name} maxLength={200} autoFocus onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        {save.error && problem === undefined && <ErrorNote error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={name.trim() === '' || name.trim() === connection.name}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
