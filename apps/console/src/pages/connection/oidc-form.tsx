import type { SsoConnection } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { useChangeConnection } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'

interface Values {
  issuer: string
  clientId: string
  clientSecret: string
  scopes: string
}

export function OidcForm({ projectId, connection, denied }: { projectId: string; connection: SsoConnection; denied: string | false }) {
  const { oidc } = connection
  const save = useChangeConnection(projectId, connection.id, 'The identity provider is known')
  const { register, handleSubmit, reset, formState } = useForm<Values>({
    defaultValues: { issuer: oidc?.issuer ?? '', clientId: oidc?.clientId ?? '', clientSecret: '', scopes: oidc?.scopes?.join(' ') ?? '' },
  })
  const submit = handleSubmit((values) => {
    const scopes = values.scopes.split(/\s+/).filter((scope) => scope !== '')
    const secret = values.clientSecret.trim()
    const change = {
      issuer: values.issuer.trim(),
      clientId: values.clientId.trim(),
      ...(secret && { clientSecret: secret }),
      scopes: scopes.length === 0 ? null : scopes,
    }
    save.mutate({ oidc: change }, { onSuccess: () => reset({ ...values, clientSecret: '' }) })
  })
  const fields = save.error ? inPlainWords(save.error).fields : {}
  const readOnly = denied !== false
  return (
    <Card title="What it says of itself">
      <form onSubmit={(event) => void submit(event)} className="grid grid-cols-1 gap-4">
        <Field label="Issuer" hint="Letter by letter as its discovery document says it." problem={fields['oidc.issuer']}>
          {(attributes) => <Input {...attributes} {...register('issuer')} placeholder="https://" spellCheck={false} disabled={readOnly} />}
        </Field>
        <Field label="Client ID" problem={fields['oidc.client_id']}>
          {(attributes) => <Input {...attributes} {...register('clientId')} spellCheck={false} autoComplete="off" disabled={readOnly} />}
        </Field>
        <Field
          label="Client secret"
          hint={oidc?.hasSecret ? 'One is kept, sealed, and never shown. Empty: as it is.' : 'Kept sealed, and never shown again.'}
          problem={fields['oidc.client_secret']}
        >
          {(attributes) => <Input {...attributes} {...register('clientSecret')} type="password" autoComplete="off" disabled={readOnly} />}
        </Field>
        <Field label="Scopes" hint="Empty: openid email profile." problem={fields['oidc.scopes']}>
          {(attributes) => <Input {...attributes} {...register('scopes')} spellCheck={false} disabled={readOnly} />}
        </Field>
        {save.error && <ErrorNote error={save.error} />}
        <div className="flex justify-end">
          <Button type="submit" look="primary" busy={save.isPending} deniedBecause={denied || (!formState.isDirty && 'Nothing is changed')}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  )
}
