import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuthSettingsPatch } from '@portico/sdk'
import { useState } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { plural } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { ErrorNote } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'
import type { SettingSchema } from './setting-schema.js'
import { Preview } from './preview.js'
import { isSame } from './setting-value.js'

interface SaveBarProps {
  projectId: string
  schema: SettingSchema[]
  saved: Record<string, unknown>
  draft: Record<string, unknown>
  onUndo: () => void
  onProblems: (problems: Record<string, string>) => void
}

/** What is sent: of the limits only the buckets that differ, of lists no empty lines. */
function patchOf(saved: Record<string, unknown>, draft: Record<string, unknown>): AuthSettingsPatch {
  const changed = Object.entries(draft).map(([key, value]) => {
    if (key === 'limits') {
      const before = saved['limits'] as Record<string, unknown>
      return [key, Object.fromEntries(Object.entries(value as object).filter(([name, bucket]) => !isSame(bucket, before[name])))]
    }
    return [key, Array.isArray(value) ? value.map((line) => String(line).trim()).filter((line) => line !== '') : value]
  })
  return Object.fromEntries(changed) as AuthSettingsPatch
}

/** Stays in sight while something is not saved; before it is, the reader sees what will be different. */
export function SaveBar({ projectId, schema, saved, draft, onUndo, onProblems }: SaveBarProps) {
  const client = useQueryClient()
  const [reviewing, setReviewing] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const patch = patchOf(saved, draft)
  const preview = useQuery({
    queryKey: ['project', projectId, 'preview', patch],
    queryFn: ({ signal }) => portico.projects.auth.preview(projectId, patch, { signal }),
    enabled: reviewing,
    // People come and go: what is asked now is answered now.
    staleTime: 0,
  })
  const review = () => {
    // What was refused before is not said of what has been written since.
    setError(null)
    setReviewing(true)
  }
  const keys = Object.keys(draft)
  if (keys.length === 0) return null
  const changes = schema.filter(({ key }) => key in draft)
  const save = async (force: boolean) => {
    setBusy(true)
    setError(null)
    try {
      await portico.projects.auth.update(projectId, { ...patch, ...(force && { force }) })
      toast.done(`${plural(changes.length, 'setting')} saved, and in force everywhere`)
      await client.invalidateQueries({ queryKey: ['project', projectId] })
    } catch (failure) {
      setError(failure)
      onProblems(inPlainWords(failure).fields)
    } finally {
      setBusy(false)
    }
  }
  const stranded =
    (preview.data?.refused?.code ?? '').endsWith('_stranded') || (error !== null && /locked out/.test(inPlainWords(error).title))
  // Saving and asking for the preview are refused for the same reason, which is said once.
  const refusal = error ?? preview.error
  return (
    <>
      <div className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-raised px-4 py-2.5 shadow-pop lg:left-60">
        <div className="mx-auto flex max-w-6xl items-center gap-2">
          <p className="mr-auto text-sm">{plural(changes.length, 'setting')} not saved</p>
          <Button onClick={onUndo}>Undo</Button>
          <Button look="primary" onClick={review}>
            Review and save
          </Button>
        </div>
      </div>
      <Dialog
        open={reviewing}
        onClose={() => setReviewing(false)}
        title="What will be different"
        wide
        footer={
          <>
            <Button onClick={() => setReviewing(false)}>Back</Button>
            {stranded ? (
              <Button look="danger" busy={busy} onClick={() => void save(true)}>
                Save and lock them out
              </Button>
            ) : (
              <Button look="primary" busy={busy} onClick={() => void save(false)}>
                Save
              </Button>
            )}
          </>
        }
      >
        <Preview changes={changes} saved={saved} draft={draft} preview={preview.data} failed={preview.error !== null} />
        {refusal !== null && (
          <div className="mt-3">
            <ErrorNote error={refusal} />
          </div>
        )}
      </Dialog>
    </>
  )
}
