import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { isPorticoError, type Domain } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Empty } from '../../ui/empty.js'
import { Input } from '../../ui/field.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'

export default function Domains() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.manageDomains)
  const client = useQueryClient()
  const [hostname, setHostname] = useState('')
  const key = ['project', projectId, 'domains']
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await portico.domains.list(projectId, { limit: 100 }, { signal })).data,
  })
  const add = useMutation({
    mutationFn: () => portico.domains.add(projectId, hostname.trim()),
    onSuccess: async () => {
      setHostname('')
      await client.invalidateQueries({ queryKey: key })
      toast.done('Added. Set the DNS record, then check it.')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (hostname.trim() !== '') add.mutate()
  }
  return (
    <Page
      title="Domains"
      lead="Addresses of your own for this project’s auth, such as auth.example.com. A DNS record proves that the name is yours."
    >
      <form onSubmit={submit} className="mb-3 flex flex-wrap gap-2">
        <Input
          aria-label="Host name"
          placeholder="auth.example.com"
          className="max-w-xs"
          value={hostname}
          onChange={(event) => setHostname(event.target.value)}
          spellCheck={false}
        />
        <Button type="submit" look="primary" busy={add.isPending} deniedBecause={denied}>
          Add
        </Button>
      </form>
      {add.error && (
        <div className="mb-3">
          <ErrorNote error={add.error} />
        </div>
      )}
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !data ? (
        <div className="panel">
          <SkeletonRows rows={2} />
        </div>
      ) : data.length === 0 ? (
        <div className="panel">
          <Empty
            title="No domain yet"
            sdk={`const domain = await portico.domains.add('${projectId}', 'auth.example.com')\nconsole.log(domain.verification)`}
          >
            Until there is one, people sign in at the address that Portico gave the project. Nothing has to change for it to work.
          </Empty>
        </div>
      ) : (
        <ul className="grid grid-cols-1 gap-3">
          {data.map((domain) => (
            <Row key={domain.id} projectId={projectId} domain={domain} denied={denied} />
          ))}
        </ul>
      )}
    </Page>
  )
}

function Row({ projectId, domain, denied }: { projectId: string; domain: Domain; denied: string | false }) {
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const refresh = () => client.invalidateQueries({ queryKey: ['project', projectId, 'domains'] })
  const verify = useMutation({
    mutationFn: () => portico.domains.verify(projectId, domain.id),
    onSuccess: async ({ verified }) => {
      await refresh()
      if (verified) toast.done(`${domain.hostname} is proved`)
    },
  })
  const remove = async () => {
    try {
      await portico.domains.remove(projectId, domain.id)
    } catch (error) {
      if (!isPorticoError(error, 'passkeys_stranded') || !confirm(`${error.message}\n\nRemove it all the same?`)) throw error
      await portico.domains.remove(projectId, domain.id, { force: true })
    }
    await refresh()
    toast.done(`${domain.hostname} is removed`)
  }
  const { name, type, value } = domain.verification
  return (
    <li className="panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-48 flex-1">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium break-all">{domain.hostname}</span>
            {domain.verified ? <Badge tone="good">verified</Badge> : <Badge tone="warn">waits for DNS</Badge>}
          </p>
          <p className="text-xs text-soft">
            {domain.verified ? (
              <>
                proved <Time at={domain.verifiedAt} />
              </>
            ) : (
              <>
                added <Time at={domain.createdAt} />
              </>
            )}
          </p>
        </div>
        {!domain.verified && (
          <Button look="primary" busy={verify.isPending} onClick={() => verify.mutate()} deniedBecause={denied}>
            Check now
          </Button>
        )}
        <Button onClick={() => setRemoving(true)} deniedBecause={denied}>
          Remove
        </Button>
      </div>
      {!domain.verified && (
        <dl className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-3 text-xs sm:grid-cols-[4rem_1fr]">
          <dt className="text-faint">{type}</dt>
          <dd className="min-w-0">
            <CopyId value={name} label="record name" />
          </dd>
          <dt className="text-faint">Value</dt>
          <dd className="min-w-0">
            <CopyId value={value} label="record value" />
          </dd>
        </dl>
      )}
      {(verify.error || verify.data?.verified === false) && (
        <div className="border-t border-line p-3">
          <Note tone="warn" title="The record is not there yet">
            {verify.error
              ? inPlainWords(verify.error).detail
              : 'DNS answered, but not with this value. It can take some minutes to be seen everywhere.'}
          </Note>
        </div>
      )}
      <ConfirmByName
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove the domain"
        name={domain.hostname}
        action="Remove it"
        run={remove}
      >
        Sign-in at this address stops at once. Passkeys that were made at it work nowhere else.
      </ConfirmByName>
    </li>
  )
}
