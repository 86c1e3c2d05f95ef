import { useQueryClient } from '@tanstack/react-query'
import type { Role } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

export default function InviteMember({ roles, onClose }: { roles: Role[]; onClose: () => void }) {
  const client = useQueryClient()
  const { register, handleSubmit, setError, watch, formState } = useForm({
    defaultValues: { email: '', role: 'viewer', breakGlass: false },
  })
  const role = roles.find(({ name }) => name === watch('role'))
  const submit = handleSubmit(async ({ email, role: wanted, breakGlass }) => {
    try {
      await portico.team.invite({ email: email.trim(), role: wanted, ...(breakGlass && { breakGlass }) })
      await client.invalidateQueries({ queryKey: ['team'] })
      toast.done(`${email.trim()} is a member as ${wanted}`)
      onClose()
    } catch (error) {
      const { title, detail, fields } = inPlainWords(error)
      if (fields['email']) setError('email', { message: fields['email'] })
      else setError('root', { message: `${title}. ${detail}` })
    }
  })
  return (
    <Dialog open onClose={onClose} title="Invite to the team" lead="They are mailed how to come in.">
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Email address" problem={formState.errors.email?.message}>
          {(attributes) => <Input {...attributes} type="email" autoFocus {...register('email', { required: 'An address is needed.' })} />}
        </Field>
        <Field label="Role" hint={role?.description}>
          {(attributes) => (
            <Select {...attributes} {...register('role')} className="w-full">
              {roles.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" className="mt-0.5 size-4 accent-accent-solid" {...register('breakGlass')} />
          Break glass: may sign in with a password or passkey while an outside issuer is down
        </label>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            Invite
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
