import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SsoConnection } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { useProjectId } from '../../api/project.js'
import { certificateState, connectionsQuery, PROTOCOLS, STATES } from '../../api/sso.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { OrganizationName } from '../organizations/organization-name.js'
import { BreakGlass } from './break-glass.js'
import { EmailDomains } from './email-domains.js'

const ConnectionForm = lazy(() => import('./connection-form.js'))

const columnsOf = (projectId: string): Column<SsoConnection>[] => [
  {
    id: 'name',
    header: 'Connection',
    cell: (connection) => (
      <Link
        to="/projects/$projectId/sso/$connectionId"
        params={{ projectId, connectionId: connection.id }}
        className="block min-w-0"
      >
        <span className="block truncate font-medium hover:underline">{connection.name}</span>
        <span className="block truncate text-xs text-faint">
          {PROTOCOLS[connection.protocol]}
          {connection.domains.length > 0 && ` · ${connection.domains.join(', ')}`}
        </span>
      </Link>
    ),
  },
  {
    id: 'whose',
    header: 'Whose people',
    wide: true,
    cell: ({ organizationId }) =>
      organizationId === null ? 'everybody' : <OrganizationName projectId={projectId} organizationId={organizationId} />,
  },
  {
    id: 'certificate',
    header: 'Certificate',
    wide: true,
    cell: (connection) => {
      const certificate = certificateState(connection)
      return certificate ? <Badge tone={certificate.tone}>{certificate.word}</Badge> : <span className="text-faint">–</span>
    },
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ state, enforce }) => {
      const [word, tone] = STATES[state]
      return <Badge tone={tone}>{enforce ? 'the only way in' : word}</Badge>
    },
  },
]

export default function SingleSignOn() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.changeAuth)
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(connectionsQuery(projectId))
  return (
    <Page
      title="Single sign-on"
      lead="Companies among your customers let their people in by an identity provider of their own: Entra, Okta, Google, or any that speaks SAML or OpenID Connect."
      actions={
        <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setAdding(true)} deniedBecause={denied}>
          New connection
        </Button>
      }
    >
      <div className="grid grid-cols-1 gap-4">
        <Card title="Connections" flush>
          {error ? (
            <div className="p-4">
              <ErrorNote error={error} retry={() => void refetch()} />
            </div>
          ) : !data ? (
            <SkeletonRows rows={3} />
          ) : data.length === 0 ? (
            <Empty
              title="No company comes in by its own yet"
              sdk={
                `const connection = await portico.sso.createConnection('${projectId}', {\n  name: 'Acme', protocol: 'saml', organizationId: organization.id,\n})\n` +
                '// what Acme enters at its identity provider:\nconst { entityId, acsUrl } = connection.serviceProvider'
              }
              curl={
                `curl ${location.origin}/api/v1/projects/${projectId}/sso/connections -H "authorization: Bearer $PORTICO_API_KEY" \\\n` +
                `  -H 'content-type: application/json' -d '{"name":"Acme","protocol":"saml"}'`
              }
            >
              Make a connection, enter at the identity provider what it shows, and tell it of the identity provider. Each has a page that
              leads through it step by step. People are sent there by the domain of their address, once the company has proven it below.
            </Empty>
          ) : (
            <DataTable label="Connections" columns={columnsOf(projectId)} rows={data} rowId={({ id }) => id} />
          )}
        </Card>
        <EmailDomains projectId={projectId} denied={denied} />
        <BreakGlass projectId={projectId} denied={denied} />
      </div>
      {adding && (
        <Suspense>
          <ConnectionForm projectId={projectId} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}
