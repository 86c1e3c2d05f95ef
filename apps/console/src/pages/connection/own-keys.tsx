import { useQuery } from '@tanstack/react-query'
import type { SsoConnection, SsoKey } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { ownKeysQuery, useChangeConnection, useSsoAction } from '../../api/sso.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId, useCopy } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Switch } from '../../ui/switch.js'
import { Time } from '../../ui/time.js'

/** So that the next one is known to the identity provider before it signs. */
const MOST = 2

interface Props {
  projectId: string
  connection: SsoConnection
  denied: string | false
}

/** What signs our requests, and opens what is encrypted for us. */
export function OwnKeys({ projectId, connection, denied }: Props) {
  const { data, error, refetch } = useQuery(ownKeysQuery(projectId, connection.id))
  const sign = useChangeConnection(projectId, connection.id, 'Saved, and counts from now on')
  const create = useSsoAction(
    projectId,
    () => portico.sso.createKey(projectId, connection.id),
    () => 'The key is made, and stands in our metadata',
  )
  const { saml } = connection
  return (
    <Card
      title="Our own keys"
      lead="To change one: make the second, let our metadata be read again, let it sign, remove the first."
      flush
      actions={
        <Button
          icon={<Plus className="size-4" />}
          busy={create.isPending}
          onClick={() => create.mutate(undefined)}
          deniedBecause={denied || (data && data.length >= MOST ? 'There are two already: remove one first' : false)}
        >
          New key
        </Button>
      }
    >
      <div className="grid gap-3 border-b border-line px-4 py-3 text-sm">
        <div className="flex items-center justify-between gap-3">
          <span>
            <span className="font-medium">Sign our requests</span>
            <span className="block text-xs text-faint">
              {saml === null ? 'Once the identity provider is known.' : 'A key is made with it, where there is none.'}
            </span>
          </span>
          <Switch
            label="Sign our requests"
            checked={saml?.signRequests ?? false}
            disabled={denied !== false || saml === null || sign.isPending}
            onChange={(signRequests) => sign.mutate({ saml: { signRequests } })}
          />
        </div>
        {sign.error && <ErrorNote error={sign.error} />}
      </div>
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={1} />
      ) : data.length === 0 ? (
        <p className="px-4 py-4 text-sm text-soft">None: nothing is signed, and nothing can be encrypted for us.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((key) => (
            <Row key={key.id} projectId={projectId} connectionId={connection.id} ownKey={key} denied={denied} />
          ))}
        </ul>
      )}
    </Card>
  )
}

interface RowProps {
  projectId: string
  connectionId: string
  ownKey: SsoKey
  denied: string | false
}

function Row({ projectId, connectionId, ownKey, denied }: RowProps) {
  const [asking, setAsking] = useState(false)
  const [copied, copy] = useCopy()
  const { id, signs, fingerprint, certificate } = ownKey
  const name = (fingerprint ?? id).slice(0, 12)
  const use = useSsoAction(
    projectId,
    () => portico.sso.useKey(projectId, connectionId, id),
    () => 'It signs from now on',
  )
  const remove = useSsoAction(
    projectId,
    () => portico.sso.deleteKey(projectId, connectionId, id),
    () => 'The key is removed, and stands no longer in our metadata',
    () => undefined,
  )
  return (
    <li className="grid gap-2 px-4 py-3 text-sm">
      <div className="flex min-w-0 items-start gap-2">
        <div className="min-w-0 flex-1">
          <CopyId value={fingerprint ?? id} label="fingerprint" whole />
        </div>
        {signs ? <Badge tone="good">signs</Badge> : <Badge>stands by</Badge>}
      </div>
      <p className="text-xs text-soft">
        made <Time at={ownKey.createdAt} /> · good until <Time at={ownKey.expiresAt} />
      </p>
      <div className="-ml-3 flex flex-wrap items-center gap-x-1 gap-y-2">
        <Button look="quiet" onClick={() => copy(certificate)} aria-label={`${copied ? 'Copied' : 'Copy certificate'}: ${name}`}>
          {copied ? 'Copied' : 'Copy certificate'}
        </Button>
        {!signs && (
          <Button busy={use.isPending} onClick={() => use.mutate(undefined)} deniedBecause={denied} aria-label={`Let it sign: ${name}`}>
            Let it sign
          </Button>
        )}
        <Button
          look="quiet"
          onClick={() => setAsking(true)}
          deniedBecause={denied || (signs && 'It signs: let another one sign first')}
          aria-label={`Remove ${name}`}
        >
          Remove
        </Button>
      </div>
      <ConfirmByName
        open={asking}
        onClose={() => setAsking(false)}
        title="Remove the key"
        name={name}
        action="Remove it"
        run={() => remove.mutateAsync(undefined)}
      >
        What the identity provider still encrypts for it is opened no more.
      </ConfirmByName>
    </li>
  )
}
