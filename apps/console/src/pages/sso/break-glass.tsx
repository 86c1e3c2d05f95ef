import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { BreakGlass as Grant } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { personByAddress } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { breakGlassQuery, useSsoAction } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { AddressField } from '../people/address-field.js'

/** Who may come in without the identity provider that is the only way in of the others. */
export function BreakGlass({ projectId, denied }: { projectId: string; denied: string | false }) {
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(breakGlassQuery(projectId))
  return (
    <Card
      title="Break-glass people"
      lead="For the day when an identity provider is away: they sign in otherwise also where it is the only way in."
      flush
      actions={
        <Button icon={<Plus className="size-4" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          Add person
        </Button>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={1} />
      ) : data.length === 0 ? (
        <p className="px-4 py-6 text-sm text-soft">
          Nobody. Before a connection becomes the only way in, name one or two; each sign-in of theirs is in the audit log.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((grant) => (
            <Row key={grant.userId} projectId={projectId} grant={grant} denied={denied} />
          ))}
        </ul>
      )}
      {adding && <AddPerson projectId={projectId} onClose={() => setAdding(false)} />}
    </Card>
  )
}

function Row({ projectId, grant, denied }: { projectId: string; grant: Grant; denied: string | false }) {
  const revoke = useSsoAction(
    projectId,
    () => portico.sso.revokeBreakGlass(projectId, grant.userId),
    () => `${grant.email} comes in like everybody else from now on`,
  )
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1">
        <Link
          to="/projects/$projectId/people/$userId"
          params={{ projectId, userId: grant.userId }}
          className="block truncate font-medium hover:underline"
        >
          {grant.email}
        </Link>
        <p className="text-xs text-soft">
          since <Time at={grant.createdAt} />
        </p>
      </div>
      <Button
        look="quiet"
        busy={revoke.isPending}
        onClick={() => revoke.mutate(undefined)}
        deniedBecause={denied}
        aria-label={`Remove ${grant.email}`}
      >
        Remove
      </Button>
    </li>
  )
}

function AddPerson({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const [email, setEmail] = useState('')
  const grant = useSsoAction(
    projectId,
    async () => {
      const person = await personByAddress(projectId, email)
      if (!person) throw new Error('Nobody has an account with that address.')
      return await portico.sso.grantBreakGlass(projectId, person.id)
    },
    (made) => `${made.email} may come in otherwise`,
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    grant.mutate(undefined, { onSuccess: onClose })
  }
  return (
    <Dialog open onClose={onClose} title="Let somebody break the glass" lead="They need a password or a passkey of their own for that day.">
      <form onSubmit={submit} className="grid gap-4">
        <AddressField projectId={projectId} value={email} onChange={setEmail} suggest />
        {grant.error && <ErrorNote error={grant.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={grant.isPending} disabled={email.trim() === ''}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
