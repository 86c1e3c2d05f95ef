import { useQueryClient } from '@tanstack/react-query'
import type { MailSender, NewMailSender } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { SENDER_KINDS, senderKey } from '../../api/mail-sender.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

interface Values {
  kind: MailSender['kind']
  from: string
  host: string
  port: string
  security: 'tls' | 'starttls' | 'none'
  user: string
  password: string
  apiKey: string
}
const FIELDS = ['from', 'host', 'port', 'security', 'user', 'password', 'apiKey'] as const

/** Tried for real before it is saved: what was there before stays when that fails. */
export default function SenderForm({ owner, sender, onClose }: { owner: string | null; sender: MailSender | null; onClose: () => void }) {
  const client = useQueryClient()
  const { register, handleSubmit, watch, setError, formState } = useForm<Values>({
    defaultValues: {
      kind: sender?.kind ?? 'smtp',
      from: sender?.from ?? '',
      host: sender?.host ?? '',
      port: String(sender?.port ?? 465),
      security: sender?.security ?? 'tls',
      user: sender?.user ?? '',
      password: '',
      apiKey: '',
    },
  })
  const kind = watch('kind')
  const problems = formState.errors
  const submit = handleSubmit(async (values) => {
    try {
      const saved = await portico.mail.setSender(owner, asSender(values))
      await client.invalidateQueries({ queryKey: senderKey(owner) })
      toast.done(saved.state === 'pending' ? 'Saved. Publish the DNS records below' : 'It works, and sends from now on')
      onClose()
    } catch (error) {
      const { title, detail, fields } = inPlainWords(error)
      const known = FIELDS.filter((field) => fields[field] ?? fields[field === 'apiKey' ? 'api_key' : field])
      for (const field of known) setError(field, { message: fields[field] ?? fields['api_key'] ?? '' })
      if (known.length === 0) setError('root', { message: `${title}. ${detail}` })
    }
  })
  const kept = sender?.kind === kind && 'Leave it empty to keep the stored one. It is never shown.'
  return (
    <Dialog open onClose={onClose} title={owner === null ? 'The workspace’s sender' : 'This project’s sender'} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Through">
          {(attributes) => (
            <Select {...attributes} {...register('kind')} className="w-full">
              {Object.entries(SENDER_KINDS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="From" hint="An address, or a name and the address: Acme <hello@acme.example>" problem={problems.from?.message}>
          {(attributes) => <Input {...attributes} {...register('from', { required: 'An address is needed.' })} autoComplete="off" />}
        </Field>
        {kind === 'smtp' && (
          <>
            <div className="grid gap-3 sm:grid-cols-[1fr_6rem_9rem]">
              <Field label="Host" problem={problems.host?.message}>
                {(attributes) => (
                  <Input {...attributes} {...register('host')} placeholder="smtp.example.com" spellCheck={false} autoComplete="off" />
                )}
              </Field>
              <Field label="Port" problem={problems.port?.message}>
                {(attributes) => <Input {...attributes} {...register('port')} inputMode="numeric" />}
              </Field>
              <Field label="Encryption" problem={problems.security?.message}>
                {(attributes) => (
                  <Select {...attributes} {...register('security')} className="w-full">
                    <option value="tls">TLS</option>
                    <option value="starttls">STARTTLS</option>
                    <option value="none">none</option>
                  </Select>
                )}
              </Field>
            </div>
            <div className="grid gap-3 sm:grid-cols-2">
              <Field label="User" problem={problems.user?.message}>
                {(attributes) => <Input {...attributes} {...register('user')} autoComplete="off" spellCheck={false} />}
              </Field>
              <Field label="Password" hint={kept || 'Stored sealed, and never shown again.'} problem={problems.password?.message}>
                {(attributes) => <Input {...attributes} {...register('password')} type="password" autoComplete="new-password" />}
              </Field>
            </div>
          </>
        )}
        {kind === 'resend' && (
          <Field label="API key" hint={kept || 'Of Resend. Stored sealed, and never shown again.'} problem={problems.apiKey?.message}>
            {(attributes) => <Input {...attributes} {...register('apiKey')} type="password" autoComplete="off" placeholder="re_…" />}
          </Field>
        )}
        {kind === 'resend_domain' && (
          <Note>
            The domain of the address is made at Resend with this installation’s key. You publish the DNS records that are shown then.
          </Note>
        )}
        {problems.root && <Note tone="bad">{problems.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {kind === 'resend_domain' ? 'Save' : 'Try it and save'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function asSender({ kind, from, host, port, security, user, password, apiKey }: Values): NewMailSender {
  const common = { kind, from: from.trim() }
  if (kind === 'resend_domain') return common
  if (kind === 'resend') return { ...common, ...(apiKey && { apiKey }) }
  const login = { user: user.trim(), ...(password && { password }) }
  return { ...common, host: host.trim(), port: Number(port), security, ...login }
}
