import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

interface Values {
  name: string
  externalProjectId: string
  enableAuth: boolean
}

export default function CreateProject({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { register, handleSubmit, setError, reset, formState } = useForm<Values>({
    defaultValues: { name: '', externalProjectId: '', enableAuth: true },
  })
  const { errors } = formState
  const submit = handleSubmit(async ({ name, externalProjectId, enableAuth }) => {
    try {
      const project = await portico.projects.create({
        name: name.trim(),
        ...(externalProjectId && { externalProjectId: externalProjectId.trim() }),
      })
      if (enableAuth) await portico.projects.auth.enable(project.id)
      await client.invalidateQueries({ queryKey: ['projects'] })
      toast.done(`${project.name} is ready`)
      reset()
      void navigate({ to: '/projects/$projectId', params: { projectId: project.id } })
    } catch (error) {
      const { title, detail, fields } = inPlainWords(error)
      if (fields['name']) setError('name', { message: fields['name'] })
      else if (fields['external_project_id']) setError('externalProjectId', { message: fields['external_project_id'] })
      else setError('root', { message: `${title}. ${detail}` })
    }
  })
  return (
    <Dialog open onClose={onClose} title="New project" lead="Its people, keys and settings are its own.">
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Name" hint="As people know the app. The slug is made from it." problem={errors.name?.message}>
          {(attributes) => <Input {...attributes} {...register('name', { required: 'A name is needed.' })} autoFocus maxLength={100} />}
        </Field>
        <Field
          label="Your id of it"
          hint="Optional: what your platform calls the app, so that you find it by your own id."
          problem={errors.externalProjectId?.message}
        >
          {(attributes) => <Input {...attributes} {...register('externalProjectId')} className="font-mono" />}
        </Field>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" className="size-4 accent-accent-solid" {...register('enableAuth')} />
          Turn auth on right away, with the defaults
        </label>
        {errors.root && <Note tone="bad">{errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
