import { useQueryClient } from '@tanstack/react-query'
import type { CreateApiKey } from '@portico/sdk'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { CodeBlock } from '../../ui/copy.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { NONE_CHOSEN, ProjectChoice, type ChosenProjects } from '../webhooks/project-choice.js'

type Scope = CreateApiKey['scopes'][number]

const SCOPES: [scope: Scope, meaning: string][] = [
  ['projects:read', 'See projects, instances and domains'],
  ['projects:write', 'Make, change and archive projects'],
  ['auth:read', 'See sign-in settings and providers'],
  ['auth:write', 'Change them; rotate the secret'],
  ['users:read', 'See people'],
  ['users:write', 'Change, disable and delete people'],
  ['env:read', 'Read secrets; boot instances'],
  ['domains:write', 'Add and remove domains'],
  ['audit:read', 'Read the audit log'],
  ['stats.read', 'See counts: people, sign-ins, mail'],
  ['webhooks.read', 'See webhooks and what was sent'],
  ['webhooks.manage', 'Make, change and send webhooks'],
  ['team.read', 'See the team and its roles'],
  ['keys:write', 'Make and revoke API keys'],
  ['clients:forward', 'Vouch for the address of a client'],
]
const LIVES: [label: string, days: number][] = [
  ['Never', 0],
  ['In 30 days', 30],
  ['In 90 days', 90],
  ['In a year', 365],
]

export default function CreateKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [projectIds, setProjectIds] = useState<ChosenProjects>(null)
  const [made, setMade] = useState<string | null>(null)
  const { register, handleSubmit, setError, formState } = useForm<{ name: string; scopes: Scope[]; days: string; readOnly: boolean }>({
    defaultValues: { name: '', scopes: ['projects:read'], days: '90', readOnly: false },
  })
  const submit = handleSubmit(async ({ name, scopes, days, readOnly }) => {
    try {
      const expiresAt = Number(days) === 0 ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()
      const { key } = await portico.apiKeys.create({
        name: name.trim(),
        scopes,
        expiresAt,
        readOnly,
        ...(projectIds && { projectIds: [...projectIds] }),
      })
      await client.invalidateQueries({ queryKey: ['api-keys'] })
      setMade(key)
    } catch (error) {
      const { title, detail } = inPlainWords(error)
      setError('root', { message: `${title}. ${detail}` })
    }
  })
  if (made !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        title="The key"
        lead="It is shown this once: only its digest is stored."
        footer={
          <Button look="primary" onClick={onClose}>
            I have kept it
          </Button>
        }
      >
        <CodeBlock label="API key" code={made} />
      </Dialog>
    )
  return (
    <Dialog open onClose={onClose} title="New API key" lead="Give it what it needs and no more." wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <Field label="Name" hint="Who or what uses it." problem={formState.errors.name?.message}>
          {(attributes) => <Input {...attributes} {...register('name', { required: 'A name is needed.' })} autoFocus />}
        </Field>
        <fieldset className="grid gap-1 text-sm">
          <legend className="mb-1 font-medium">It may</legend>
          <div className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
            {SCOPES.map(([scope, meaning]) => (
              <label key={scope} className="flex items-start gap-2">
                <input
                  type="checkbox"
                  value={scope}
                  className="mt-0.5 size-4 accent-accent-solid"
                  {...register('scopes', { validate: (chosen) => chosen.length > 0 || 'It must be allowed something.' })}
                />
                <span>
                  <span className="block">{meaning}</span>
                  <code className="font-mono text-xs text-faint">{scope}</code>
                </span>
              </label>
            ))}
          </div>
          {formState.errors.scopes && <p className="text-xs text-bad">{formState.errors.scopes.message}</p>}
        </fieldset>
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" className="mt-0.5 size-4 accent-accent-solid" {...register('readOnly')} />
          <span>
            Only to read
            <span className="block text-xs text-faint">Whatever is chosen above, it changes nothing.</span>
          </span>
        </label>
        <ProjectChoice chosen={projectIds} onChange={setProjectIds} />
        <Field label="Expires">
          {(attributes) => (
            <Select {...attributes} {...register('days')} className="w-48">
              {LIVES.map(([label, days]) => (
                <option key={days} value={days}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting} deniedBecause={projectIds?.length === 0 && NONE_CHOSEN}>
            Make the key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
