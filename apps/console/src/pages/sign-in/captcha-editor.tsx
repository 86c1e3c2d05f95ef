import { useQueryClient } from '@tanstack/react-query'
import type { Captcha } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

interface Values {
  provider: 'turnstile' | 'hcaptcha'
  siteKey: string
  secret: string
}

export function CaptchaEditor({ projectId, captcha, onClose }: { projectId: string; captcha: Captcha | null; onClose: () => void }) {
  const client = useQueryClient()
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    defaultValues: { provider: captcha?.provider ?? 'turnstile', siteKey: captcha?.siteKey ?? '', secret: '' },
  })
  const finish = async (said: string) => {
    await client.invalidateQueries({ queryKey: ['project', projectId, 'auth'] })
    toast.done(said)
    onClose()
  }
  const submit = handleSubmit(async ({ provider, siteKey, secret }) => {
    try {
      await portico.projects.auth.captcha.set(projectId, { provider, siteKey, ...(secret && { secret }) })
      await finish('The captcha is set')
    } catch (error) {
      const { title, detail } = inPlainWords(error)
      setError('root', { message: `${title}. ${detail}` })
    }
  })
  const remove = () => portico.projects.auth.captcha.remove(projectId).then(() => finish('The captcha is off'), toast.failed)
  return (
    <Dialog
      open
      onClose={onClose}
      title="Captcha"
      lead="Asked at sign-up, log-in, reset and sign-in mails. Browsers solve it; the secret stays here."
    >
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Service">
          {(attributes) => (
            <Select {...attributes} {...register('provider')} className="w-full">
              <option value="turnstile">Cloudflare Turnstile</option>
              <option value="hcaptcha">hCaptcha</option>
            </Select>
          )}
        </Field>
        <Field label="Site key" problem={formState.errors.siteKey?.message}>
          {(attributes) => (
            <Input {...attributes} {...register('siteKey', { required: 'The site key is needed.' })} className="font-mono" />
          )}
        </Field>
        <Field label="Secret" hint={captcha ? 'Leave it empty to keep the stored one.' : 'Written and never read again.'}>
          {(attributes) => <Input {...attributes} {...register('secret')} type="password" autoComplete="off" />}
        </Field>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          {captcha && (
            <Button className="mr-auto" onClick={() => void remove()}>
              Turn off
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
