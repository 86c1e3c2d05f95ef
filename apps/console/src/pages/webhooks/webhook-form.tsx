import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { choicesOf, openapiQuery } from '../../api/openapi.js'
import { inPlainWords } from '../../api/plain-words.js'
import {
  webhookParams,
  webhookPath,
  webhooksKey,
  webhooksOf,
  type AnyWebhook,
  type WebhookInput,
  type WebhookOwner,
} from '../../api/webhooks.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'
import { EventChoice } from './event-choice.js'
import { NONE_CHOSEN, ProjectChoice, type ChosenProjects } from './project-choice.js'
import { WebhookSecret } from './webhook-secret.js'

interface Values {
  url: string
  description: string
  inOrder: boolean
}

/** A new endpoint, whose secret is shown once; or what is said of one that there is. */
export default function WebhookForm({ owner, webhook, onClose }: { owner: WebhookOwner; webhook: AnyWebhook | null; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { data: schemas, error } = useQuery(openapiQuery)
  const [types, setTypes] = useState<readonly string[]>(webhook?.types ?? [])
  const [projectIds, setProjectIds] = useState<ChosenProjects>(webhook?.projectIds?.length ? webhook.projectIds : null)
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null)
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    defaultValues: { url: webhook?.url ?? '', description: webhook?.description ?? '', inOrder: webhook?.ordering === 'user' },
  })
  const submit = handleSubmit(async ({ url, description, inOrder }) => {
    const said: WebhookInput = {
      url: url.trim(),
      description: description.trim(),
      ordering: inOrder ? 'user' : 'none',
      types: [...types] as NonNullable<WebhookInput['types']>,
      projectIds: [...(projectIds ?? [])],
    }
    try {
      if (webhook) await webhooksOf(owner).update(webhook.id, said)
      else setMade(await webhooksOf(owner).create(said))
      await client.invalidateQueries({ queryKey: webhooksKey(owner) })
      if (!webhook) return
      toast.done('The endpoint is changed')
      onClose()
    } catch (failure) {
      const { title, detail, fields } = inPlainWords(failure)
      if (fields['url']) setError('url', { message: fields['url'] })
      else setError('root', { message: `${title}. ${detail}` })
    }
  })
  if (made)
    return (
      <WebhookSecret
        secret={made.secret}
        onClose={() => {
          onClose()
          void navigate({ to: webhookPath(owner), params: webhookParams(owner, made.id) })
        }}
      />
    )
  return (
    <Dialog open onClose={onClose} title={webhook ? 'Change the endpoint' : 'Add an endpoint'} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <Field label="URL" hint="https, and reachable from the internet." problem={formState.errors.url?.message}>
          {(attributes) => (
            <Input
              {...attributes}
              {...register('url', { required: 'Where should it be sent?' })}
              placeholder="https://api.example.com/portico"
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              autoFocus
            />
          )}
        </Field>
        <Field label="Description" hint="For your colleagues.">
          {(attributes) => <Input {...attributes} {...register('description', { maxLength: 200 })} />}
        </Field>
        {owner === null && <ProjectChoice chosen={projectIds} onChange={setProjectIds} />}
        {error ? (
          <Note tone="bad">{inPlainWords(error).detail}</Note>
        ) : (
          <EventChoice all={choicesOf(schemas, 'CreateWebhookBody', 'types')} chosen={types} onChange={setTypes} />
        )}
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" className="mt-0.5 size-4 accent-accent-solid" {...register('inOrder')} />
          <span>
            One person’s events in their order
            <span className="block text-xs text-faint">
              Each is sent once the one before was taken or given up. Without it, messages may overtake each other.
            </span>
          </span>
        </label>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting} deniedBecause={projectIds?.length === 0 && NONE_CHOSEN}>
            {webhook ? 'Save' : 'Add it'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
