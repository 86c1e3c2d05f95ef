import type { SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { useChangeConnection } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Field, Input, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Certificates } from './certificates.js'

type Saml = NonNullable<UpdateSsoConnection['saml']>
type Signed = NonNullable<Saml['signed']>

interface Values {
  metadataUrl: string
  metadataXml: string
  entityId: string
  ssoUrl: string
  certificates: string
  signed: Signed
  binding: 'redirect' | 'post'
  idpInitiated: boolean
}

const SIGNED: Record<Signed, string> = { any: 'assertion or response', assertion: 'the assertion', response: 'the response', both: 'both' }
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** What the identity provider says of itself: by an address, as text, or by hand. */
export function SamlForm({ projectId, connection, denied }: { projectId: string; connection: SsoConnection; denied: string | false }) {
  const { saml } = connection
  const save = useChangeConnection(projectId, connection.id, 'The identity provider is known')
  const { register, handleSubmit, reset, formState } = useForm<Values>({
    defaultValues: {
      metadataUrl: saml?.metadataUrl ?? '',
      metadataXml: '',
      entityId: saml?.entityId ?? '',
      ssoUrl: saml?.ssoUrl ?? '',
      certificates: '',
      signed: saml?.signed ?? 'any',
      binding: saml?.binding ?? 'redirect',
      idpInitiated: saml?.idpInitiated ?? false,
    },
  })
  const submit = handleSubmit((values) =>
    save.mutate({ saml: samlOf(values, saml) }, { onSuccess: () => reset({ ...values, metadataXml: '', certificates: '' }) }),
  )
  const fields = save.error ? inPlainWords(save.error).fields : {}
  const at = (name: string) => fields[`saml.${name}`]
  return (
    <Card title="What it says of itself" lead={saml ? undefined : 'One of the three ways is enough.'}>
      <form onSubmit={(event) => void submit(event)} className="grid grid-cols-1 gap-4">
        {saml && <Certificates saml={saml} />}
        <Field label="Address of its metadata" hint="Read again when it changes its key." problem={at('metadata_url')}>
          {(attributes) => <Input {...attributes} {...register('metadataUrl')} placeholder="https://" spellCheck={false} disabled={denied !== false} />}
        </Field>
        <Field label="Or the metadata themselves" hint="The XML, pasted." problem={at('metadata_xml')}>
          {(attributes) => (
            <textarea
              {...attributes}
              {...register('metadataXml')}
              rows={3}
              spellCheck={false}
              disabled={denied !== false}
              className="control h-auto w-full py-1.5 font-mono text-xs"
            />
          )}
        </Field>
        <details className="rounded-md border border-line px-3 py-2 text-sm" open={Boolean(at('entity_id') ?? at('sso_url') ?? at('certificates'))}>
          <summary className="cursor-pointer font-medium">By hand, and what must be signed</summary>
          <div className="mt-3 grid grid-cols-1 gap-3">
            <Field label="Its entity ID, the issuer" problem={at('entity_id')}>
              {(attributes) => <Input {...attributes} {...register('entityId')} spellCheck={false} disabled={denied !== false} />}
            </Field>
            <Field label="Its sign-in address" problem={at('sso_url')}>
              {(attributes) => <Input {...attributes} {...register('ssoUrl')} placeholder="https://" spellCheck={false} disabled={denied !== false} />}
            </Field>
            <Field
              label={saml ? 'Other certificates instead' : 'Its certificates'}
              hint="PEM, one below the other: several count side by side while the key changes. Empty: as they are."
              problem={at('certificates')}
            >
              {(attributes) => (
                <textarea
                  {...attributes}
                  {...register('certificates')}
                  rows={3}
                  spellCheck={false}
                  disabled={denied !== false}
                  className="control h-auto w-full py-1.5 font-mono text-xs"
                />
              )}
            </Field>
            <div className="grid gap-3 sm:grid-cols-2">
              <Field label="It must sign">
                {(attributes) => (
                  <Select {...attributes} {...register('signed')} disabled={denied !== false} className="w-full">
                    {(Object.keys(SIGNED) as Signed[]).map((value) => (
                      <option key={value} value={value}>
                        {SIGNED[value]}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              <Field label="People are sent there by">
                {(attributes) => (
                  <Select {...attributes} {...register('binding')} disabled={denied !== false} className="w-full">
                    <option value="redirect">redirect</option>
                    <option value="post">a form (POST)</option>
                  </Select>
                )}
              </Field>
            </div>
            <label className="flex items-start gap-2">
              <input
                type="checkbox"
                className="mt-0.5 size-4 accent-accent-solid"
                disabled={denied !== false}
                {...register('idpInitiated')}
              />
              <span>
                A sign-in may begin at the identity provider
                <span className="block text-xs text-faint">
                  Nothing of it is taken: the browser goes to the app, which begins as usual.
                </span>
              </span>
            </label>
          </div>
        </details>
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

/** What was typed. Metadata say the rest by themselves, so what stood there by hand is not sent beside new ones. */
function samlOf(values: Values, before: SsoConnection['saml']): Saml {
  const { signed, binding, idpInitiated } = values
  const metadataXml = values.metadataXml.trim()
  const metadataUrl = values.metadataUrl.trim()
  const pems = values.certificates.match(PEM) ?? (values.certificates.trim() === '' ? null : [values.certificates.trim()])
  const rules = { signed, binding, idpInitiated, metadataUrl: metadataUrl === '' ? null : metadataUrl }
  if (metadataXml !== '') return { ...rules, metadataXml }
  if (metadataUrl !== '' && metadataUrl !== before?.metadataUrl) return rules
  return { ...rules, entityId: values.entityId.trim(), ssoUrl: values.ssoUrl.trim(), ...(pems && { certificates: pems }) }
}
