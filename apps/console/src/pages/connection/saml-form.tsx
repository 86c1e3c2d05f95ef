import type { SsoConnection } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { inPlainWords } from '../../api/plain-words.js'
import { useChangeConnection } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Field, Input } from '../../ui/field.js'
import { Fold } from '../../ui/fold.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Certificates } from './certificates.js'
import { SamlDetails } from './saml-details.js'
import { changedSaml, samlValues, type SamlValues } from './saml-values.js'

/** What the identity provider says of itself: by an address, as text, or by hand. */
export function SamlForm({ projectId, connection, denied }: { projectId: string; connection: SsoConnection; denied: string | false }) {
  const { saml } = connection
  const save = useChangeConnection(projectId, connection.id, 'The identity provider is known')
  const { register, handleSubmit, reset, formState } = useForm<SamlValues>({
    // Metadata say more than was typed, and our own keys are changed beside the form: what is stored is what it goes on from.
    values: samlValues(saml),
    resetOptions: { keepDirtyValues: true },
  })
  const submit = handleSubmit((values) =>
    save.mutate({ saml: changedSaml(values, saml) }, { onSuccess: ({ saml: saved }) => reset(samlValues(saved)) }),
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
        <Fold title="By hand" forced={(at('entity_id') ?? at('sso_url') ?? at('certificates')) !== undefined}>
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
        </Fold>
        <SamlDetails register={register} at={at} denied={denied} />
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
