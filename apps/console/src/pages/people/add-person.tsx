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
  how: 'invite' | 'create'
  email: string
  password: string
  verified: boolean
}

export default function AddPerson({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { register, handleSubmit, watch, setError, formState } = useForm<Values>({
    defaultValues: { how: 'create', email: '', password: '', verified: true },
  })
  const how = watch('how')
  const submit = handleSubmit(async ({ email, password, verified }) => {
    try {
      const user =
        how === 'invite'
          ? await portico.users.invite(projectId, { email })
          : await portico.users.create(projectId, { email, emailVerified: verified, ...(password && { password }) })
      await client.invalidateQueries({ queryKey: ['project', projectId, 'people'] })
      toast.done(how === 'invite' ? `${user.email} is invited` : `${user.email} has an account`)
      void navigate({ to: '/projects/$projectId/people/$userId', params: { projectId, userId: user.id } })
    } catch (error) {
      const { title, detail, fields } = inPlainWords(error)
      if (fields['email']) setError('email', { message: fields['email'] })
      else if (fields['password']) setError('password', { message: fields['password'] })
      else setError('root', { message: `${title}. ${detail}` })
    }
  })
  return (
    <Dialog open onClose={onClose} title="Add a person">
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <fieldset className="grid gap-1.5 text-sm">
          <legend className="sr-only">How</legend>
          <label className="flex items-center gap-2">
            <input type="radio" value="create" className="size-4 accent-accent-solid" {...register('how')} />
            Make the account now
          </label>
          <label className="flex items-center gap-2">
            <input type="radio" value="invite" className="size-4 accent-accent-solid" {...register('how')} />
            Mail an invitation: they choose their own password
          </label>
        </fieldset>
        <Field label="Email address" problem={formState.errors.email?.message}>
          {(attributes) => (
            <Input
              {...attributes}
              type="email"
              autoComplete="off"
              autoFocus
              {...register('email', { required: 'An address is needed.' })}
            />
          )}
        </Field>
        {how === 'create' && (
          <>
            <Field
              label="Password"
              hint="Optional. Without one they come in by a reset mail or another way."
              problem={formState.errors.password?.message}
            >
              {(attributes) => <Input {...attributes} type="password" autoComplete="new-password" {...register('password')} />}
            </Field>
            <label className="flex items-center gap-2 text-sm">
              <input type="checkbox" className="size-4 accent-accent-solid" {...register('verified')} />
              The address is theirs: no confirmation mail
            </label>
          </>
        )}
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {how === 'invite' ? 'Send the invitation' : 'Make the account'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
