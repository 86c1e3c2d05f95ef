import { useQuery } from '@tanstack/react-query'
import type { DirectoryToken } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { directoryTokensQuery, useDirectoryAction } from '../../api/directories.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { ShownSecret } from '../../ui/shown-secret.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

/** So that the next one is entered before the last one is removed. */
const MOST = 2

export function Tokens({ projectId, directoryId, denied }: { projectId: string; directoryId: string; denied: string | false }) {
  const [secret, setSecret] = useState<string | null>(null)
  const { data, error, refetch } = useQuery(directoryTokensQuery(projectId, directoryId))
  const create = useDirectoryAction(
    projectId,
    () => portico.directories.createToken(projectId, directoryId),
    () => 'The token is made',
  )
  const make = () => create.mutate(undefined, { onSuccess: ({ token }) => setSecret(token) })
  return (
    <Card
      title="Tokens"
      lead="Two may live at once: make the second, enter it, remove the first."
      flush
      actions={
        <Button
          icon={<Plus className="size-4" />}
          busy={create.isPending}
          onClick={make}
          deniedBecause={denied || (data && data.length >= MOST ? 'Two live already: remove one first' : false)}
        >
          New token
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
        <p className="px-4 py-6 text-sm text-soft">None yet: without one the identity provider is refused.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((token) => (
            <Row key={token.id} projectId={projectId} directoryId={directoryId} token={token} denied={denied} />
          ))}
        </ul>
      )}
      {secret !== null && (
        <ShownSecret
          secret={secret}
          label="token"
          lead="It is shown this once: only its digest is stored. Enter it at the identity provider."
          onClose={() => setSecret(null)}
        />
      )}
    </Card>
  )
}

function Row({
  projectId,
  directoryId,
  token,
  denied,
}: {
  projectId: string
  directoryId: string
  token: DirectoryToken
  denied: string | false
}) {
  const [asking, setAsking] = useState(false)
  const remove = useDirectoryAction(
    projectId,
    () => portico.directories.deleteToken(projectId, directoryId, token.id),
    () => 'The token is removed, and refused from now on',
    () => undefined,
  )
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1">
        <code className="font-mono text-xs">{token.prefix}…</code>
        <p className="text-xs text-soft">
          last used <Time at={token.lastUsedAt} /> · made <Time at={token.createdAt} />
          {token.expiresAt && (
            <>
              {' '}
              · ends <Time at={token.expiresAt} />
            </>
          )}
        </p>
      </div>
      <Button look="quiet" onClick={() => setAsking(true)} deniedBecause={denied} aria-label={`Remove ${token.prefix}`}>
        Remove
      </Button>
      <ConfirmByName
        open={asking}
        onClose={() => setAsking(false)}
        title="Remove the token"
        name={token.prefix}
        action="Remove it"
        run={() => remove.mutateAsync(undefined)}
      >
        Whoever uses it is refused within a second.
      </ConfirmByName>
    </li>
  )
}
