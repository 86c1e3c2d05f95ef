import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { webhooksKey, webhooksOf, type WebhookOwner } from '../../api/webhooks.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

const HOUR_MS = 3_600_000

/** Everything of a range of time once more, for an endpoint that was away. */
export function Replay({ owner, webhookId, onClose }: { owner: WebhookOwner; webhookId: string; onClose: () => void }) {
  const client = useQueryClient()
  const [since, setSince] = useState(() => asTyped(new Date(Date.now() - HOUR_MS)))
  const [until, setUntil] = useState('')
  const replay = useMutation({
    mutationFn: () =>
      webhooksOf(owner).replay(webhookId, {
        since: new Date(since).toISOString(),
        ...(until !== '' && { until: new Date(until).toISOString() }),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: webhooksKey(owner) })
      toast.done('The replay runs: see how far it is below')
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    replay.mutate()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Replay a time"
      lead="What happened in it is sent again, or for the first time, the oldest first and at most 100,000 messages. They keep their ids, so an endpoint that remembers them does nothing twice."
    >
      <form onSubmit={submit} className="grid gap-3">
        <Field label="From" hint="In your time zone.">
          {(attributes) => (
            <Input {...attributes} type="datetime-local" value={since} onChange={(event) => setSince(event.target.value)} required />
          )}
        </Field>
        <Field label="Until" hint="Empty: now.">
          {(attributes) => <Input {...attributes} type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />}
        </Field>
        {replay.error && <ErrorNote error={replay.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={replay.isPending} disabled={since === ''}>
            Send it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** As `<input type="datetime-local">` has it, in the reader's zone. */
function asTyped(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
