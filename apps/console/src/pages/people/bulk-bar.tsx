import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { EndUser } from '@portico/sdk'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { plural } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

type Action = 'disable' | 'enable' | 'end_sessions'

const SAID: Record<Action, [button: string, done: string]> = {
  disable: ['Disable', 'disabled'],
  enable: ['Enable', 'enabled'],
  end_sessions: ['Sign out', 'signed out'],
}

/** One action on everybody who is selected. What failed is named, one by one, and stays selected. */
export function BulkBar({ projectId, selected, onDone }: { projectId: string; selected: EndUser[]; onDone: () => void }) {
  const client = useQueryClient()
  const [failures, setFailures] = useState<{ email: string; message: string }[]>([])
  const act = useMutation({
    mutationFn: (action: Action) => portico.users.bulk(projectId, { action, ids: selected.map(({ id }) => id) }),
    onSuccess: async (result, action) => {
      await client.invalidateQueries({ queryKey: ['project', projectId, 'people'] })
      const emails = new Map(selected.map(({ id, email }) => [id, email]))
      const failed = result.results.flatMap(({ id, ok, error }) =>
        ok ? [] : [{ email: emails.get(id) ?? id, message: error?.message ?? 'not done' }],
      )
      setFailures(failed)
      if (result.succeeded > 0) toast.done(`${plural(result.succeeded, 'person', 'people')} ${SAID[action][1]}`)
      if (failed.length === 0) onDone()
    },
    onError: toast.failed,
  })
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-accent-soft px-4 py-2 text-sm">
      <span className="mr-auto font-medium">{plural(selected.length, 'person', 'people')} selected</span>
      {(Object.keys(SAID) as Action[]).map((action) => (
        <Button key={action} busy={act.isPending && act.variables === action} onClick={() => act.mutate(action)}>
          {SAID[action][0]}
        </Button>
      ))}
      <Button look="quiet" onClick={onDone}>
        Clear
      </Button>
      <Dialog
        open={failures.length > 0}
        onClose={() => setFailures([])}
        title={`Not done for ${plural(failures.length, 'person', 'people')}`}
      >
        <div className="grid gap-2">
          {failures.map(({ email, message }) => (
            <Note key={email} tone="bad" title={email}>
              {message}
            </Note>
          ))}
        </div>
      </Dialog>
    </div>
  )
}
