import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { toast } from '../../ui/toast.js'
import { DomainRow, domainsKey } from './domain-row.js'

export default function Domains() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.manageDomains)
  const client = useQueryClient()
  const [hostname, setHostname] = useState('')
  const { data, error, refetch } = useQuery({
    queryKey: domainsKey(projectId),
    // The worker looks at DNS by itself: what it finds appears here by itself.
    refetchInterval: 10_000,
    queryFn: async ({ signal }) => (await portico.domains.list(projectId, { limit: 100 }, { signal })).data,
  })
  const add = useMutation({
    mutationFn: () => portico.domains.add(projectId, hostname.trim()),
    onSuccess: async () => {
      setHostname('')
      await client.invalidateQueries({ queryKey: domainsKey(projectId) })
      toast.done('Added. Publish the two DNS records.')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (hostname.trim() !== '') add.mutate()
  }
  return (
    <Page
      title="Domains"
      lead="Addresses of your own for this project’s auth, such as auth.example.com. A DNS record proves that the name is yours, another one leads here; the certificate comes by itself."
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
            sdk={`const domain = await portico.domains.add('${projectId}', 'auth.example.com')\nconsole.log(domain.records)`}
          >
            Until there is one, people sign in at the address that Portico gave the project. Nothing has to change for it to work.
          </Empty>
        </div>
      ) : (
        <ul className="grid grid-cols-1 gap-3">
          {data.map((domain) => (
            <DomainRow key={domain.id} projectId={projectId} domain={domain} denied={denied} />
          ))}
        </ul>
      )}
    </Page>
  )
}
