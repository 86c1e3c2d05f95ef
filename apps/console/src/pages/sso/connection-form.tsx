import { useNavigate } from '@tanstack/react-router'
import type { SsoConnection } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { portico } from '../../api/portico.js'
import { inPlainWords } from '../../api/plain-words.js'
import { useSsoAction } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { OrganizationChoice } from '../organizations/organization-choice.js'

const SPEAKS: [SsoConnection['protocol'], string, string][] = [
  ['saml', 'SAML 2.0', 'What every identity provider of a company speaks.'],
  ['oidc', 'OpenID Connect', 'Less to exchange, where the identity provider offers it.'],
]

export default function ConnectionForm({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [protocol, setProtocol] = useState<SsoConnection['protocol']>('saml')
  const [organizationId, setOrganizationId] = useState<string | null>(null)
  const create = useSsoAction(
    projectId,
    () => portico.sso.createConnection(projectId, { name: name.trim(), protocol, ...(organizationId !== null && { organizationId }) }),
    (made) => `${made.name} is made, as a draft`,
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined, {
      onSuccess: ({ id }) =>
        void navigate({ to: '/projects/$projectId/sso/$connectionId', params: { projectId, connectionId: id } }),
    })
  }
  const problem = create.error ? inPlainWords(create.error).fields['name'] : undefined
  return (
    <Dialog open onClose={onClose} title="New connection" lead="A draft: nobody is sent there before you say so.">
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Name" hint="As people see it on the sign-in page." problem={problem}>
          {(attributes) => (
            <Input {...attributes} value={name} maxLength={200} autoFocus onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <fieldset className="grid gap-2 text-sm">
          <legend className="mb-1 font-medium">It speaks</legend>
          {SPEAKS.map(([value, title, when]) => (
            <label key={value} className="flex items-start gap-2">
              <input
                type="radio"
                name="protocol"
                className="mt-0.5 size-4 accent-accent-solid"
                checked={protocol === value}
                onChange={() => setProtocol(value)}
              />
              <span>
                {title} <span className="block text-xs text-faint">{when}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <OrganizationChoice
          projectId={projectId}
          chosen={organizationId}
          onChange={setOrganizationId}
          everybody="Everybody in this project"
        />
        {create.error && problem === undefined && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending} disabled={name.trim() === ''}>
            Make it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
