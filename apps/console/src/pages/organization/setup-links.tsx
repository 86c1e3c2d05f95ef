import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SetupLink } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { organizationKey, useOrganizationAction } from '../../api/organizations.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { ShownSecret } from '../../ui/shown-secret.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

const STATES: Record<SetupLink['state'], [word: string, tone: Tone]> = {
  waiting: ['not opened yet', 'accent'],
  open: ['opened', 'accent'],
  finished: ['finished', 'good'],
  revoked: ['revoked', 'neutral'],
  expired: ['over', 'neutral'],
}

/** So that the customer's own administrator connects their identity provider, without an account here. */
export function SetupLinks({ projectId, organizationId }: { projectId: string; organizationId: string }) {
  const denied = useDenied(PERMISSIONS.changeAuth)
  const [url, setUrl] = useState<string | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: [...organizationKey(projectId, organizationId), 'setup-links'],
    queryFn: async ({ signal }) => (await portico.organizations.setupLinks(projectId, organizationId, { signal })).data,
  })
  const create = useOrganizationAction(
    projectId,
    () => portico.organizations.createSetupLink(projectId, organizationId),
    () => 'The link is made, and good for seven days',
  )
  const make = () => create.mutate(undefined, { onSuccess: (made) => setUrl(made.url) })
  return (
    <Card
      title="Set-up links"
      lead="For their own administrator: proves the domain and connects the identity provider, without an account here."
      flush
      actions={
        <Button icon={<Plus className="size-4" />} busy={create.isPending} onClick={make} deniedBecause={denied}>
          New link
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
        <p className="px-4 py-4 text-sm text-soft">None was made.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((link) => (
            <Row key={link.id} projectId={projectId} organizationId={organizationId} link={link} denied={denied} />
          ))}
        </ul>
      )}
      {url !== null && (
        <ShownSecret
          secret={url}
          label="set-up link"
          lead="It is shown this once. Whoever has it sets up single sign-on for this organization: hand it to its administrator alone."
          onClose={() => setUrl(null)}
        />
      )}
    </Card>
  )
}

interface RowProps {
  projectId: string
  organizationId: string
  link: SetupLink
  denied: string | false
}

function Row({ projectId, organizationId, link, denied }: RowProps) {
  const [word, tone] = STATES[link.state]
  const revoke = useOrganizationAction(
    projectId,
    () => portico.organizations.revokeSetupLink(projectId, organizationId, link.id),
    () => 'The link opens nothing any more',
  )
  const isLive = link.state === 'waiting' || link.state === 'open'
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1">
        <Badge tone={tone}>{word}</Badge>
        <p className="text-xs text-soft">
          made <Time at={link.createdAt} />
          {link.madeBy !== null && (
            <>
              {' by '}
              <Link to="/projects/$projectId/people/$userId" params={{ projectId, userId: link.madeBy }} className="text-accent underline">
                a member
              </Link>
            </>
          )}
          {isLive && (
            <>
              {' '}
              · good until <Time at={link.expiresAt} />
            </>
          )}
        </p>
      </div>
      {link.connectionId !== null && (
        <Link
          to="/projects/$projectId/sso/$connectionId"
          params={{ projectId, connectionId: link.connectionId }}
          className="text-xs text-accent underline"
        >
          its connection
        </Link>
      )}
      {isLive && (
        <Button look="quiet" busy={revoke.isPending} onClick={() => revoke.mutate(undefined)} deniedBecause={denied}>
          Revoke
        </Button>
      )}
    </li>
  )
}
