import { useQueryClient } from '@tanstack/react-query'
import type { EndUser } from '@portico/sdk'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { ErrorNote, Note } from '../../ui/note.js'

type Evicted = Awaited<ReturnType<typeof portico.users.evict>>

const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** Somebody else is in the account: everything that opens it goes, and its owner is mailed the way back. Answers what was removed. */
export function EvictDialog({ open, onClose, projectId, user }: { open: boolean; onClose: () => void; projectId: string; user: EndUser }) {
  const client = useQueryClient()
  const [recovery, setRecovery] = useState(true)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [done, setDone] = useState<Evicted | null>(null)
  const close = () => {
    setDone(null)
    setError(null)
    onClose()
  }
  const run = async () => {
    setBusy(true)
    setError(null)
    try {
      setDone(await portico.users.evict(projectId, user.id, { recovery }))
      await client.invalidateQueries({ queryKey: ['project', projectId, 'person', user.id] })
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const removed = done === null ? [] : Object.entries(done.removed).filter(([, number]) => number > 0)
  return (
    <Dialog
      open={open}
      onClose={close}
      title={done ? 'The account is closed to everybody' : 'Evict an intruder'}
      footer={
        done ? (
          <Button look="primary" onClick={close}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={close}>Cancel</Button>
            <Button look="danger" busy={busy} onClick={() => void run()}>
              Evict
            </Button>
          </>
        )
      }
    >
      {done ? (
        <div className="grid gap-3 text-sm">
          {removed.length === 0 ? (
            <p>There was nothing left that opened it.</p>
          ) : (
            <ul className="grid gap-1">
              {removed.map(([kind, number]) => (
                <li key={kind} className="flex justify-between border-b border-line pb-1">
                  <span>{words(kind)}</span>
                  <span>{number}</span>
                </li>
              ))}
            </ul>
          )}
          <Note tone={done.recovery === 'queued' ? 'good' : 'warn'}>
            {done.recovery === 'queued'
              ? `${user.email} is mailed the way back.`
              : done.recovery === 'not_configured'
                ? 'No mail provider is set up: nothing was sent. Tell the owner yourself.'
                : 'No mail was sent.'}
          </Note>
        </div>
      ) : (
        <div className="grid gap-3 text-sm">
          <p className="text-soft">
            Everything that opens {user.email} goes: password, passkeys, factors, connected providers, sessions and mailed links. Only the
            owner of the address gets back in.
          </p>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent-solid"
              checked={recovery}
              onChange={(event) => setRecovery(event.target.checked)}
            />
            Mail the owner the way back
          </label>
          {error !== null && <ErrorNote error={error} />}
        </div>
      )}
    </Dialog>
  )
}
