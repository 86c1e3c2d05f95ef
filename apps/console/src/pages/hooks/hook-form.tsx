import { useQueryClient } from '@tanstack/react-query'
import type { Hook, HookName } from '@portico/sdk'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'
import { HookSecret } from './hook-secret.js'
import { hookWords, ON_FAILURE } from './hook-words.js'

interface Values {
  url: string
  onFailure: Hook['onFailure']
}

interface Props {
  projectId: string
  name: HookName
  hook: Hook | null
  onClose: () => void
}

export default function HookForm({ projectId, name, hook, onClose }: Props) {
  const client = useQueryClient()
  const [secret, setSecret] = useState<string | null>(null)
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    defaultValues: { url: hook?.url ?? '', onFailure: hook?.onFailure ?? 'deny' },
  })
  const submit = handleSubmit(async ({ url, onFailure }) => {
    try {
      const set = await portico.hooks.set(projectId, name, { url: url.trim(), onFailure })
      await client.invalidateQueries({ queryKey: ['project', projectId, 'hooks'] })
      if (set.secret) return setSecret(set.secret)
      toast.done('The hook is changed')
      onClose()
    } catch (failure) {
      const { title, detail, fields } = inPlainWords(failure)
      if (fields['url']) setError('url', { message: fields['url'] })
      else setError('root', { message: `${title}. ${detail}` })
    }
  })
  if (secret !== null) return <HookSecret secret={secret} onClose={onClose} />
  return (
    <Dialog open onClose={onClose} title={hookWords(name).title} lead={hookWords(name).asked}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <Field label="URL" hint="https, and reachable from the internet." problem={formState.errors.url?.message}>
          {(attributes) => (
            <Input
              {...attributes}
              {...register('url', { required: 'Who is to be asked?' })}
              placeholder="https://app.example/portico"
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              autoFocus
            />
          )}
        </Field>
        <fieldset className="grid gap-1.5 text-sm">
          <legend className="mb-1 font-medium">Without an answer in five seconds</legend>
          {(Object.keys(ON_FAILURE) as Hook['onFailure'][]).map((choice) => (
            <label key={choice} className="flex items-center gap-2">
              <input type="radio" value={choice} className="size-4 accent-accent-solid" {...register('onFailure')} />
              {ON_FAILURE[choice]}
            </label>
          ))}
        </fieldset>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {hook ? 'Save' : 'Set it up'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
