import { useQueryClient } from '@tanstack/react-query'
import { isPorticoError } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { sessionQuery, type ConsoleSession } from '../../api/session.js'
import { Button } from '../../ui/button.js'
import { CodeBlock } from '../../ui/copy.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

/** From `open` to `password`: the first owner is made, signed in, and from then on everybody has to sign in. */
export function SignInSwitch({ session }: { session: ConsoleSession }) {
  const client = useQueryClient()
  const { register, handleSubmit, setError, formState } = useForm({ defaultValues: { email: '', password: '' } })
  const submit = handleSubmit(async (values) => {
    try {
      // There may be an owner already, of an earlier try: only the mode is left to change.
      await portico.console.setUp(values).catch((error: unknown) => {
        if (!isPorticoError(error, 'conflict')) throw error
      })
      await portico.console.chooseAccess('password')
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey })
      toast.done('Sign-in is on')
    } catch (error) {
      setError('root', { message: inPlainWords(error).detail })
    }
  })
  if (session.modeIsConfigured)
    return (
      <div className="grid gap-2">
        <p className="text-soft">
          The environment says the mode. Start the control plane with this instead, and this page asks for the first owner:
        </p>
        <CodeBlock label="environment" code="PORTICO_CONSOLE_ACCESS=password" />
      </div>
    )
  return (
    <form onSubmit={(event) => void submit(event)} className="grid max-w-md gap-3">
      <p className="text-soft">
        Turn sign-in on: say who the first owner is. You are signed in as them at once, and everybody else has to be invited.{' '}
        {session.publicUrl} has to be the address that people type.
      </p>
      <Field label="Email address of the first owner" problem={formState.errors.email?.message}>
        {(attributes) => (
          <Input {...attributes} type="email" autoComplete="username" {...register('email', { required: 'An address is needed.' })} />
        )}
      </Field>
      <Field label="A new password" hint="At least 8 characters, and not a common one." problem={formState.errors.password?.message}>
        {(attributes) => (
          <Input
            {...attributes}
            type="password"
            autoComplete="new-password"
            {...register('password', { required: 'A password is needed.' })}
          />
        )}
      </Field>
      {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
      <Button type="submit" look="primary" className="justify-self-start" busy={formState.isSubmitting}>
        Turn sign-in on
      </Button>
    </form>
  )
}
