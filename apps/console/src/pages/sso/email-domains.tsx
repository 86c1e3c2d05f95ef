import { useQuery } from '@tanstack/react-query'
import type { EmailDomain } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { emailDomainsQuery, useSsoAction } from '../../api/sso.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName, Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { OrganizationChoice } from '../organizations/organization-choice.js'
import { OrganizationName } from '../organizations/organization-name.js'

/** Domains of addresses that a company, or the project itself, has proven to be its own: sign-on and directories go by nothing else. */
export function EmailDomains({ projectId, denied }: { projectId: string; denied: string | false }) {
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(emailDomainsQuery(projectId))
  return (
    <Card
      title="Mail domains"
      lead="Proven by a DNS record. People with an address there are sent to the connection that answers for the domain."
      flush
      actions={
        <Button icon={<Plus className="size-4" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          Add domain
        </Button>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={2} />
      ) : data.length === 0 ? (
        <p className="px-4 py-6 text-sm text-soft">
          None yet. Of two companies that name one domain, the first one with the proof has it; nothing rests on a name alone.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((domain) => (
            <DomainRow key={domain.id} projectId={projectId} domain={domain} denied={denied} />
          ))}
        </ul>
      )}
      {adding && <AddDomain projectId={projectId} onClose={() => setAdding(false)} />}
    </Card>
  )
}

function DomainRow({ projectId, domain, denied }: { projectId: string; domain: EmailDomain; denied: string | false }) {
  const [removing, setRemoving] = useState(false)
  const verify = useSsoAction(
    projectId,
    () => portico.sso.verifyEmailDomain(projectId, domain.id),
    ({ domain: name }) => `${name} is proven`,
  )
  const remove = useSsoAction(
    projectId,
    () => portico.sso.removeEmailDomain(projectId, domain.id),
    () => `${domain.domain} is removed`,
    () => undefined,
  )
  return (
    <li className="grid gap-2 px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{domain.domain}</span>
            {domain.verified ? <Badge tone="good">proven</Badge> : <Badge tone="warn">waits for its proof</Badge>}
          </p>
          <p className="text-xs text-soft">
            {domain.organizationId === null ? (
              'of the project itself'
            ) : (
              <>
                of <OrganizationName projectId={projectId} organizationId={domain.organizationId} />
              </>
            )}
            {domain.verifiedAt && (
              <>
                {' '}
                · since <Time at={domain.verifiedAt} />
              </>
            )}
          </p>
        </div>
        {!domain.verified && (
          <Button busy={verify.isPending} onClick={() => verify.mutate(undefined)} deniedBecause={denied}>
            Look for it
          </Button>
        )}
        <Button look="quiet" onClick={() => setRemoving(true)} deniedBecause={denied} aria-label={`Remove ${domain.domain}`}>
          Remove
        </Button>
      </div>
      {!domain.verified && (
        <dl className="grid min-w-0 grid-cols-[4rem_1fr] gap-x-3 gap-y-1 rounded-md border border-line bg-sunken px-3 py-2 text-xs">
          <dt className="text-faint">Type</dt>
          <dd>{domain.verification.type}</dd>
          <dt className="text-faint">Name</dt>
          <dd className="min-w-0">
            <CopyId value={domain.verification.name} label="record name" whole />
          </dd>
          <dt className="text-faint">Value</dt>
          <dd className="min-w-0">
            <CopyId value={domain.verification.value} label="record value" whole />
          </dd>
        </dl>
      )}
      <ConfirmByName
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove the domain"
        name={domain.domain}
        action="Remove it"
        run={() => remove.mutateAsync(undefined)}
      >
        Nobody is sent to a connection by it any more, and directories take over no account there.
      </ConfirmByName>
    </li>
  )
}

function AddDomain({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const [domain, setDomain] = useState('')
  const [organizationId, setOrganizationId] = useState<string | null>(null)
  const add = useSsoAction(
    projectId,
    () => portico.sso.addEmailDomain(projectId, { domain: domain.trim(), ...(organizationId !== null && { organizationId }) }),
    (made) => `${made.domain} is added: its record is below`,
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(undefined, { onSuccess: onClose })
  }
  const problem = add.error ? inPlainWords(add.error).fields['domain'] : undefined
  return (
    <Dialog open onClose={onClose} title="Add a mail domain">
      <form onSubmit={submit} className="grid gap-4">
        <Field label="Domain" hint="What stands after the @ of its people’s addresses." problem={problem}>
          {(attributes) => (
            <Input
              {...attributes}
              value={domain}
              placeholder="acme.com"
              spellCheck={false}
              autoComplete="off"
              autoFocus
              onChange={(event) => setDomain(event.target.value)}
            />
          )}
        </Field>
        <OrganizationChoice projectId={projectId} chosen={organizationId} onChange={setOrganizationId} everybody="Of the project itself" />
        {add.error && problem === undefined && <ErrorNote error={add.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={add.isPending} disabled={domain.trim() === ''}>
            Add it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
