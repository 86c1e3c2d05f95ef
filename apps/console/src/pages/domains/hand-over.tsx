import { useMutation, useQueryClient } from '@tanstack/react-query'
import { isPorticoError, type Domain } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

/** To another project of the workspace, with its proof: the address changes owner without a gap. */
export function HandOver({ projectId, domain, onClose }: { projectId: string; domain: Domain; onClose: () => void }) {
  const client = useQueryClient()
  const [to, setTo] = useState('')
  const give = useMutation({
    mutationFn: (force: boolean) => portico.domains.handOver(projectId, domain.id, { projectId: to.trim(), ...(force && { force }) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['project'] })
      toast.done(`${domain.hostname} belongs to the other project now`)
      onClose()
    },
  })
  const stranded = give.error && isPorticoError(give.error, 'passkeys_stranded')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    give.mutate(false)
  }
  return (
    <Dialog open onClose={onClose} title={`Hand ${domain.hostname} over`} lead="Sign-in at this address is the other project’s from then on.">
      <form onSubmit={submit} className="grid gap-3">
        <Field label="Id of the other project" hint="Of this workspace: proj_…">
          {(attributes) => (
            <Input
              {...attributes}
              value={to}
              onChange={(event) => setTo(event.target.value)}
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              required
              autoFocus
            />
          )}
        </Field>
        {give.error && (
          <Note
            tone="bad"
            title={inPlainWords(give.error).title}
            actions={
              stranded && (
                <Button look="danger" onClick={() => give.mutate(true)}>
                  Hand it over all the same
                </Button>
              )
            }
          >
            {inPlainWords(give.error).detail}
          </Note>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={give.isPending}>
            Hand over
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
