import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import { emailDomainsQuery, useChangeConnection } from '../../api/sso.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Skeleton } from '../../ui/skeleton.js'
import { Switch } from '../../ui/switch.js'

/** Whom it is for: the proven domains of its owner that it answers for, and whether there is another way in for their people. */
export function Reach({ projectId, connection, denied }: { projectId: string; connection: SsoConnection; denied: string | false }) {
  const save = useChangeConnection(projectId, connection.id, 'Saved, and counts from now on')
  const domains = useQuery(emailDomainsQuery(projectId))
  const own = domains.data?.filter((domain) => domain.verified && domain.organizationId === connection.organizationId)
  const readOnly = denied !== false || save.isPending
  const change = (to: UpdateSsoConnection) => save.mutate(to)
  return (
    <Card title="Whom it answers for">
      <div className="grid grid-cols-1 gap-4 text-sm">
        {save.error && <ErrorNote error={save.error} />}
        {domains.error ? (
          <ErrorNote error={domains.error} />
        ) : !own ? (
          <Skeleton className="h-12 w-full" />
        ) : own.length === 0 ? (
          <p className="text-soft">
            No domain of {connection.organizationId === null ? 'the project' : 'this organization'} is proven yet: until one is, nobody
            is sent here by their address, and no account is made.{' '}
            <Link to="/projects/$projectId/sso" params={{ projectId }} className="text-accent underline">
              Mail domains
            </Link>
          </p>
        ) : (
          <fieldset className="grid gap-1.5">
            <legend className="mb-1 font-medium">People with an address at</legend>
            {own.map(({ id, domain, connectionId }) => {
              const elsewhere = connectionId !== null && connectionId !== connection.id
              return (
                <label key={id} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-4 accent-accent-solid"
                    checked={connection.domains.includes(domain)}
                    disabled={readOnly || elsewhere}
                    onChange={(event) =>
                      change({
                        domains: event.target.checked
                          ? [...connection.domains, domain]
                          : connection.domains.filter((other) => other !== domain),
                      })
                    }
                  />
                  {domain}
                  {elsewhere && <span className="text-xs text-faint">another connection answers for it</span>}
                </label>
              )
            })}
          </fieldset>
        )}
        <Row
          title="The only way in"
          lead="Passwords, mailed links, providers and passkeys of these people are refused. Needs an active connection by which somebody has come in."
          checked={connection.enforce}
          disabled={readOnly}
          onChange={(enforce) => change(enforce ? { enforce } : { enforce, localLogin: true })}
        />
        {connection.enforce && (
          <Row
            title="Break-glass people may sign in otherwise"
            lead="For the day when the identity provider is away. Each time is in the audit log."
            checked={connection.localLogin}
            disabled={readOnly}
            onChange={(localLogin) => change({ localLogin })}
          />
        )}
      </div>
    </Card>
  )
}

function Row({
  title,
  lead,
  checked,
  disabled,
  onChange,
}: {
  title: string
  lead: string
  checked: boolean
  disabled: boolean
  onChange: (on: boolean) => void
}) {
  return (
    <div className="flex items-center justify-between gap-3">
      <span>
        <span className="font-medium">{title}</span>
        <span className="block text-xs text-faint">{lead}</span>
      </span>
      <Switch label={title} checked={checked} disabled={disabled} onChange={onChange} />
    </div>
  )
}
