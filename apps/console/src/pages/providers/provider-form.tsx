import { useQueryClient } from '@tanstack/react-query'
import { isPorticoError, type AuthProvider, type AuthProviderName } from '@portico/sdk'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { authQuery } from '../../api/project.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

type Values = Record<'name' | 'clientId' | 'clientSecret' | 'issuer' | 'tenant' | 'teamId' | 'keyId' | 'baseUrl' | 'scopes', string> & {
  enabled: boolean
}

/** Beside client id and secret, what each of them asks for. */
const EXTRA: Record<string, [field: keyof Values, label: string, hint: string][]> = {
  microsoft: [['tenant', 'Tenant', 'common (default), organizations, consumers, or a directory id or domain.']],
  apple: [
    ['teamId', 'Team id', 'Ten characters, from the membership page.'],
    ['keyId', 'Key id', 'Of the key whose .p8 file is the secret.'],
  ],
  github: [['baseUrl', 'Base URL', 'Only for GitHub Enterprise Server.']],
  gitlab: [['issuer', 'Issuer', 'Only for a GitLab of your own.']],
  oidc: [['issuer', 'Issuer', 'Its metadata are read from /.well-known/openid-configuration below it.']],
}

export default function ProviderForm({
  projectId,
  provider,
  onClose,
}: {
  projectId: string
  provider: AuthProvider | null
  onClose: () => void
}) {
  const client = useQueryClient()
  const [stranded, setStranded] = useState<string | null>(null)
  const kind = provider === null || provider.provider.startsWith('oidc:') ? 'oidc' : provider.provider
  const { register, handleSubmit, watch, setError, formState } = useForm<Values>({
    defaultValues: {
      name: provider?.provider.replace('oidc:', '') ?? '',
      clientId: provider?.clientId ?? '',
      clientSecret: '',
      issuer: provider?.issuer ?? '',
      tenant: provider?.tenant ?? '',
      teamId: provider?.teamId ?? '',
      keyId: provider?.keyId ?? '',
      baseUrl: provider?.baseUrl ?? '',
      scopes: provider?.scopes?.join(' ') ?? '',
      enabled: provider?.enabled ?? true,
    },
  })
  const id = (provider?.provider ?? `oidc:${watch('name')}`) as AuthProviderName
  const finish = async (said: string) => {
    await client.invalidateQueries({ queryKey: ['project', projectId, 'auth'] })
    toast.done(said)
    onClose()
  }
  const submit = handleSubmit(async (values) => {
    const extra = (EXTRA[kind] ?? []).map(([field]) => [field, String(values[field]).trim() || null])
    try {
      await portico.projects.auth.providers.set(projectId, id, {
        clientId: values.clientId.trim(),
        ...(values.clientSecret && { clientSecret: values.clientSecret }),
        scopes: values.scopes.trim() === '' ? null : values.scopes.trim().split(/\s+/),
        ...Object.fromEntries(extra),
      })
      const auth = await client.fetchQuery(authQuery(projectId))
      const ways = auth?.settings.providers ?? []
      if (values.enabled !== ways.includes(id))
        await portico.projects.auth.update(projectId, { providers: values.enabled ? [...ways, id] : ways.filter((way) => way !== id) })
      await finish(`${id} is set up`)
    } catch (error) {
      const { title, detail } = inPlainWords(error)
      setError('root', { message: `${title}. ${detail}` })
    }
  })
  const remove = (force: boolean) =>
    portico.projects.auth.providers.remove(projectId, id, { force }).then(
      () => finish(`${id} is removed`),
      (error: unknown) => (isPorticoError(error, 'users_stranded') ? setStranded(error.message) : toast.failed(error)),
    )
  return (
    <Dialog open onClose={onClose} title={provider ? `Set up ${provider.provider}` : 'Add an OpenID provider'} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        {provider && (
          <div className="text-xs text-faint">
            Redirect URI for the provider’s own console
            <br />
            <CopyId value={provider.redirectUri} label="redirect URI" whole />
          </div>
        )}
        {!provider && (
          <Field
            label="Short name"
            hint="Small letters, digits and dashes; it is part of the redirect URI."
            problem={formState.errors.name?.message}
          >
            {(attributes) => (
              <Input
                {...attributes}
                {...register('name', {
                  required: 'A name is needed.',
                  pattern: { value: /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, message: 'Small letters, digits and dashes.' },
                })}
                autoFocus
              />
            )}
          </Field>
        )}
        <Field label="Client id" problem={formState.errors.clientId?.message}>
          {(attributes) => (
            <Input
              {...attributes}
              {...register('clientId', { required: 'The client id is needed.' })}
              className="font-mono"
              autoComplete="off"
            />
          )}
        </Field>
        <Field
          label={kind === 'apple' ? 'Private key (.p8)' : 'Client secret'}
          hint={
            provider?.configured ? 'Leave it empty to keep the stored one. It is never shown.' : 'Stored sealed, and never shown again.'
          }
        >
          {(attributes) =>
            kind === 'apple' ? (
              <textarea {...attributes} {...register('clientSecret')} rows={4} className="control h-auto w-full py-1.5 font-mono text-xs" />
            ) : (
              <Input {...attributes} {...register('clientSecret')} type="password" autoComplete="off" />
            )
          }
        </Field>
        {(EXTRA[kind] ?? []).map(([field, label, hint]) => (
          <Field key={field} label={label} hint={hint}>
            {(attributes) => <Input {...attributes} {...register(field)} className="font-mono" />}
          </Field>
        ))}
        <Field label="Scopes" hint="Separated by spaces. Empty: what signing in needs.">
          {(attributes) => <Input {...attributes} {...register('scopes')} className="font-mono" />}
        </Field>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" className="size-4 accent-accent-solid" {...register('enabled')} />
          People may sign in with it
        </label>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        {stranded !== null && (
          <Note
            tone="bad"
            title="People would be locked out"
            actions={
              <Button look="danger" onClick={() => void remove(true)}>
                Remove it all the same
              </Button>
            }
          >
            {stranded}
          </Note>
        )}
        <div className="flex justify-end gap-2">
          {provider?.configured && (
            <Button className="mr-auto" onClick={() => void remove(false)}>
              Remove
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
